"""The door for scripts: how every command answers, in words or as one JSON object, and with which exit status."""

import json
import sys
from functools import wraps

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError

from maestro.extensions import db
from maestro.lib.errors import MaestroError, NotFound, NotNow, TooMany
from maestro.models import Dataset, Group, HostedList, MailJob

BY = "command line"
STATUS = {NotFound: 3, NotNow: 75, TooMany: 75}
group = AppGroup("maestro")


def command(name):
    """A command that returns a dict (its answer) or None (it wrote to stdout itself); commits when it went well."""
    def mark(run):
        @wraps(run)
        def wrapped(json_, **arguments):
            try:
                answer = run(**arguments)
                db.session.commit()
            except MaestroError as refusal:
                db.session.rollback()
                refuse(refusal.sentence, refusal.field, STATUS.get(type(refusal), 1), json_)
            except OperationalError as problem:
                db.session.rollback()
                refuse(f"The database did not answer: {type(problem.orig).__name__}", None, 75, json_)
            if answer is not None:
                say(answer, json_)
        flagged = click.option("--json", "json_", is_flag=True, help="One JSON object on stdout.")(wrapped)
        return group.command(name)(with_appcontext(flagged))
    return mark


def say(answer, as_json):
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for name, value in answer.items():
        shown = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value
        click.echo(f"{name}: {shown}")


def refuse(sentence, field, status, as_json):
    if as_json:
        click.echo(json.dumps({"error": sentence, "field": field}, ensure_ascii=False))
    click.echo(sentence, err=True)
    sys.exit(status)


def find(model, number, what):
    """The row with this number, or exit status 3."""
    found = db.session.get(model, number)
    if not found:
        raise NotFound(f"There is no {what} {number}.")
    return found


def group_named(name):
    found = db.session.query(Group).filter_by(name=name).first()
    if not found:
        raise NotFound(f"There is no group “{name}”.", "group")
    return found


def target(dataset, list):
    """The dataset and the list (or None) that the options --dataset and --list mean."""
    if (dataset is None) == (list is None):
        raise click.UsageError("Give either --list or --dataset.")
    if list is not None:
        found = find(HostedList, list, "list")
        return found.dataset, found
    return find(Dataset, dataset, "dataset"), None


def job(number):
    return find(MailJob, number, "job")


def to(run):
    """The options --list and --dataset, of which a command needs one."""
    run = click.option("--list", "list", type=int, help="The list_ID.")(run)
    return click.option("--dataset", type=int, help="The dataset_ID.")(run)
