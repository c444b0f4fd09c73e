"""The Outbox from the command line."""

from pathlib import Path

import click

from maestro import audit
from maestro.cli.door import BY, command, job
from maestro.delivery import outbox


@command("outbox-export")
@click.option("--job", "number", type=int, required=True)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
def outbox_export(number, to):
    to.mkdir(parents=True, exist_ok=True)
    messages = outbox.export(job(number).id, to)
    audit.record("outbox.export", job(number), BY, messages=messages)
    return {"messages": messages}
