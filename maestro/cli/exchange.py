"""Imports and exports from the command line."""

import sys
from pathlib import Path

import click

from maestro.cli.door import BY, command, target, to
from maestro.exchange import exports, imports, sources
from maestro.extensions import db, others_writing
from maestro.lib.errors import Refused
from maestro.models import IMPORT_MODES


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@to
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="May be given several times.")
@click.option("--mode", type=click.Choice(IMPORT_MODES), required=True)
@click.option("--dry-run", is_flag=True, help="Check only; nothing is changed.")
def import_file(file, dataset, list, pairs, mode, dry_run):
    dataset, list = target(dataset, list)
    run = imports.create(dataset, list, sources.take(file), file.name, by=BY)
    imports.set_rules(run, mapping(pairs) or run.mapping, mode, run.options, by=BY)
    imports.start(run, dry_run, by=BY)
    db.session.commit()
    run = imports.wait(run.id)
    if run.state in ("failed", "cancelled"):
        raise Refused(run.problem or f"The import was {run.state}.", "file")
    return imports.summary(run)


def mapping(pairs):
    """{"city": "Town"} of ["city=Town"]."""
    for pair in pairs:
        if "=" not in pair:
            raise click.UsageError(f"--map needs FIELD=COLUMN, not {pair!r}.")
    return {field.strip(): column.strip() for field, _, column in (pair.partition("=") for pair in pairs)}


@command("export")
@to
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), required=True)
def export(dataset, list, form):
    with others_writing():
        dataset, list = target(dataset, list)
        for piece in exports.export(dataset, list, form):
            sys.stdout.buffer.write(piece)
