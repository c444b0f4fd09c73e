"""The Outbox from the command line."""

from pathlib import Path

import click

from maestro.cli.door import command, job
from maestro.delivery import outbox


@command("outbox-export")
@click.option("--job", "number", type=int, required=True)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
def outbox_export(number, to):
    to.mkdir(parents=True, exist_ok=True)
    return {"messages": outbox.export(job(number).id, to)}
