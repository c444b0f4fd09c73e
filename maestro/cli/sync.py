"""Connections, importers, trigger URLs and write-backs from the command line."""

import sys
from pathlib import Path

import click
from sqlalchemy import select

from maestro import actions
from maestro.accounts import settings
from maestro.cli.door import BY, command, find, group_named, target, to
from maestro.cli.exchange import mapping
from maestro.exchange import (
    connections,
    importers,
    imports,
    launching,
    opening,
    sources,
    writebacks,
    writing,
)
from maestro.extensions import db
from maestro.lib import repeats
from maestro.lib.errors import NotFound, Refused
from maestro.lib.foreign.place import TLS
from maestro.models import IMPORT_MODES, Connection, Dataset, Exporter, HostedList, Importer, ImportRun, WriteBack
from maestro.warehouse import downloads

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@command("connection-create")
@click.argument("name")
@click.option("--group", required=True)
@click.option("--kind", type=click.Choice(list(connections.KINDS)), required=True)
@click.option("--host", default="")
@click.option("--port", type=int, default=0, help="Without it the usual one.")
@click.option("--database", required=True)
@click.option("--user", "username", default="", help="The password comes on stdin.")
@click.option("--tls", type=click.Choice(TLS), default="verify")
@click.option("--authority", type=A_FILE, help="Certificates that are trusted, PEM.")
@click.option("--may-write", is_flag=True, help="For write-backs.")
@click.option("--accept", default="", help="Why an account with dangerous rights is used.")
def connection_create(name, group, authority, accept, username, **values):
    """Make a connection; what its test finds is told."""
    password = sys.stdin.readline().rstrip("\n") if username else ""
    made = connections.create(
        group_named(group), BY, password, name=name, username=username, accepted=accept,
        authority=authority.read_text() if authority else "", **values)
    found = tested(made)
    return {"id": made.id, "test": found}


@command("connection-test")
@click.argument("number", type=int)
def connection_test(number):
    found = tested(find(Connection, number, "connection"))
    if "problem" in found:
        raise Refused(found["problem"])
    return found


def tested(connection):
    place = connections.place(connection)
    db.session.commit()
    found = connections.probe(place)
    connections.note_test(connection, found, BY)
    return found


@command("importer-create")
@click.argument("name")
@to
@click.option("--connection", type=int, help="The number of a connection, with --query.")
@click.option("--query", default="", help="SELECT, or the filter of a directory.")
@click.option("--attributes", default="", help="Of a directory.")
@click.option("--file", type=A_FILE, help="A file that each run reads; with --post an example of the body.")
@click.option("--server-file", default="", help="A file below MAESTRO_IMPORT_DIR.")
@click.option("--post", is_flag=True, help="People come in the body of a call.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="May be given several times.")
@click.option("--mode", type=click.Choice(IMPORT_MODES), required=True)
@click.option("--key", default="", help="The dataset's key field, by which people are recognised.")
@click.option("--strict", is_flag=True)
@click.option("--keep-manual-changes", is_flag=True)
@click.option("--guard", type=click.IntRange(0, 100), default=20, help="Percent of the people that may be removed.")
@click.option("--unusable", type=click.IntRange(0, 100), default=20, help="Percent of the rows that may be left out.")
@click.option("--schedule", default="", metavar="WHEN",
              help="hourly, \"daily 02:00\", \"weekly mon,thu 02:00\" or a cron expression.")
@click.option("--zone", default="", help="Of the schedule; the installation's.")
@click.option("--notify", default="", help="Addresses of users who hear when a run fails, separated by commas.")
def importer_create(name, dataset, list, pairs, mode, key, strict, keep_manual_changes, guard, unusable, schedule, zone,
                    notify, **source):
    """A new importer: complete, and disabled."""
    made = with_source(name, *target(dataset, list), **source)
    options = {"key": key, "strict": strict, "overwrite": not keep_manual_changes, "guard": guard,
               "unusable": unusable}
    importers.set_rules(made, mapping(pairs) or made.mapping, mode, options, BY)
    importers.set_schedule(made, repeats.read(schedule), zone or settings.get("zone"), notify, BY)
    return {"id": made.id, "state": importers.state(made)}


def with_source(name, dataset, list, connection, query, attributes, file, server_file, post):
    link = connection and find(Connection, connection, "connection")
    kind = "post" if post else "server" if server_file else "upload" if file else (
        "ldap" if link and link.kind == "ldap" else "database")
    made = importers.create(dataset, list, name, kind, by=BY)
    if link:
        look = opening.example(connections.place(link), connections.accepted(link), query, attributes)
        importers.set_query(made, link, query, look, BY, attributes)
    elif server_file:
        importers.set_path(made, server_file, BY)
    elif file:
        importers.set_file(made, sources.take(file), file.name, BY)
    else:
        raise click.UsageError("Give --connection and --query, --file, or --server-file.")
    return made


@command("importer-enable")
@click.argument("number", type=int)
def importer_enable(number):
    return switched(number, importers.enable)


@command("importer-disable")
@click.argument("number", type=int)
def importer_disable(number):
    return switched(number, importers.disable)


def switched(number, verb):
    found = find(Importer, number, "importer")
    verb(found, BY)
    return {"state": importers.state(found)}


@command("importer-launch")
@click.argument("number", type=int)
@click.option("--dry-run", is_flag=True, help="Check only; nothing is changed.")
@click.option("--no-wait", is_flag=True, help="A worker does it; do not wait.")
def importer_launch(number, dry_run, no_wait):
    """Launch an importer, and wait for the end of its run."""
    run, is_new = launching.launch(find(Importer, number, "importer"), BY, dry_run)
    db.session.commit()
    if no_wait:
        return {"run": run.id, "state": run.state, "new": is_new}
    run = imports.wait(run.id)
    if run.state in ("failed", "cancelled"):
        raise Refused(run.problem or f"The run was {run.state}.")
    return imports.summary(run)


@command("import-undo")
@click.argument("number", type=int)
def import_undo(number):
    """Take back what an import has changed, for a day after its end."""
    run = find(ImportRun, number, "import")
    imports.undo(run, BY)
    db.session.commit()
    return {"run": number, "state": imports.wait(number).state}


@command("writeback-run")
@click.argument("number", type=int)
def writeback_run(number):
    """Write back what waits, now."""
    find(WriteBack, number, "write-back")
    db.session.commit()
    writing.number_all()
    done = writing.run_writeback(number)
    found = writing.load(number)
    if not done:
        raise Refused(found.problem or "It is off, or another process is at work on it.")
    return {"waiting": writebacks.count_waiting(found), **found.counts}


KINDS = click.Choice(["import", "export", "list", "dataset", "changes"])


@command("token-show")
@click.argument("kind", type=KINDS)
@click.argument("number", type=int)
def token_show(kind, number):
    """The token of an importer or exporter; of a list or dataset that of its standard exporter."""
    return told(actions.show(action(kind, number), BY))


@command("token-renew")
@click.argument("kind", type=KINDS)
@click.argument("number", type=int)
def token_renew(kind, number):
    return told(actions.renew(action(kind, number), BY))


@command("token-set")
@click.argument("kind", type=KINDS)
@click.argument("number", type=int)
@click.option("--gap", type=int, help="Seconds in which a second call is the same call.")
@click.option("--allow", help="Networks that may call, separated by commas; empty: all.")
@click.option("--post-only/--any-method", default=None)
def token_set(kind, number, gap, allow, post_only):
    found = action(kind, number)
    actions.set_rules(found, BY, gap, allow, post_only)
    return {"gap": found.gap, "allow": found.allow.split(), "post_only": found.post_only}


def told(token):
    return {"token": token, "url": actions.url(token)}


def action(kind, number):
    if kind == "import":
        return actions.of("import", find(Importer, number, "importer"), BY)
    return actions.of("export", EXPORTERS[kind](number), BY)


EXPORTERS = {
    "export": lambda number: find(Exporter, number, "exporter"),
    "list": lambda number: of_list(find(HostedList, number, "list")),
    "dataset": lambda number: downloads.find(find(Dataset, number, "dataset"), None, "people"),
    "changes": lambda number: downloads.find(find(Dataset, number, "dataset"), None, "changes"),
}


def of_list(list):
    return downloads.find(list.dataset, list, "people")


def last_run(number):
    """The state of an importer's last run, for `wait`."""
    find(Importer, number, "importer")
    mine = select(ImportRun).where(ImportRun.importer_id == number)
    run = db.session.scalar(mine.order_by(ImportRun.id.desc()).limit(1))
    if not run:
        raise NotFound(f"Importer {number} has not run yet.")
    return {"state": run.state, "run": run.id}
