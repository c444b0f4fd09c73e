"""Mail jobs from the command line."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from maestro.cli.door import BY, command, find, job
from maestro.delivery import ledger
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.mailing import authorise, jobs, trial
from maestro.models import RECIPIENT_STATES, HostedList

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@command("job-create")
@click.option("--title", required=True)
@click.option("--list", "list", type=int, required=True)
@click.option("--subject", required=True)
@click.option("--html", type=A_FILE)
@click.option("--text", type=A_FILE)
@click.option("--from", "sender", required=True)
def job_create(title, list, subject, html, text, sender):
    list = find(HostedList, list, "list")
    made = jobs.create(list.dataset.group, title, BY, dataset_id=list.dataset_id, list_id=list.id, subject=subject,
                       html=content(html), text=content(text), from_address=sender, tracking=list.tracking)
    return {"id": made.id, "job_id": made.code}


def content(path):
    """The text of a file in UTF-8, "" without one."""
    try:
        return path.read_text(encoding="utf-8-sig") if path else ""
    except UnicodeDecodeError as problem:
        raise Refused(f"{path.name} is not UTF-8 (byte {problem.start}). Save it as UTF-8.", "file") from None


@command("job-test")
@click.argument("number", type=int)
@click.option("--to", required=True, multiple=True)
def job_test(number, to):
    trial.send(job(number), to, by=BY)
    return {"ok": True}


@command("job-accept-test")
@click.argument("number", type=int)
def job_accept_test(number):
    trial.accept(job(number), by=BY)
    return {"ok": True}


@command("job-authorise")
@click.argument("number", type=int)
@click.option("--now", is_flag=True)
@click.option("--at", help="ISO 8601, wall time in --zone unless it carries an offset.")
@click.option("--triggered", is_flag=True)
@click.option("--zone")
@click.option("--grace", type=int, help="Seconds in which the delivery can be undone.")
def job_authorise(number, now, at, triggered, zone, grace):
    if [now, at is not None, triggered].count(True) != 1:
        raise click.UsageError("Give one of --now, --at or --triggered.")
    found, delivery = job(number), "now" if now else "triggered" if triggered else "at"
    authorise.authorise(found, delivery, BY, at=at and moment(at, zone or found.zone), zone=zone, grace=grace)
    return {"state": found.state}


def moment(text, zone):
    if not clock.is_zone(zone):
        raise Refused(f"There is no time zone {zone!r}.", "zone")
    try:
        wall = datetime.fromisoformat(text)
        return wall if wall.tzinfo else clock.instant(wall, zone)
    except (ValueError, OverflowError):
        raise Refused(f"{text!r} is no time like 2026-11-22T09:00.", "at") from None


@command("job-move")
@click.argument("number", type=int)
@click.argument("verb", type=click.Choice(list(authorise.VERBS)))
def job_move(number, verb):
    found = job(number)
    authorise.VERBS[verb](found, BY)
    return {"state": found.state}


@command("job-show")
@click.argument("number", type=int)
def job_show(number):
    found = job(number)
    return {"job_id": found.code, "state": found.state, "phase": found.phase, "audience": found.audience,
            "counts": ledger.counts(found.id)}


@command("job-recipients")
@click.argument("number", type=int)
@click.option("--state", type=click.Choice(RECIPIENT_STATES))
def job_recipients(number, state):
    for row in ledger.recipients(job(number).id, state):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
