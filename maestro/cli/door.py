"""The door for scripts: how every command answers, in words or as one JSON object, and with which exit status."""

import gc
import json
import sys
from functools import wraps

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from maestro import migrations
from maestro.extensions import db
from maestro.lib.errors import MaestroError, NotFound, NotNow, TooMany
from maestro.models import Dataset, Group, HostedList, MailJob

BY = "command line"
STATUS = {NotFound: 3, NotNow: 75, TooMany: 75}
LARGEST = 2**31 - 1                                # a number in the database
group = AppGroup("maestro")


class Command(click.Command):
    """With --json wrong usage is told as an object on stdout as well."""

    def make_context(self, info_name, args, *rest, **extra):
        asked = list(args)
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except click.UsageError as problem:
            tell_usage(problem, "--json" in asked)
            raise

    def invoke(self, context):
        gc.freeze()                                # what was loaded by now stays, and need not be gone over for garbage
        try:
            return super().invoke(context)
        except click.UsageError as problem:
            tell_usage(problem, context.params["json_"])
            raise
        finally:
            gc.unfreeze()


def tell_usage(problem, as_json):
    if as_json:
        param = getattr(problem, "param", None)
        field = param and max(param.opts, key=len).lstrip("-")
        sentence = " ".join(problem.format_message().split())
        click.echo(json.dumps({"error": sentence, "field": field}, ensure_ascii=False))


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
            except (OperationalError, ProgrammingError) as problem:
                db.session.rollback()
                refuse(of_database(problem), None, 75, json_)
            except UnicodeError:
                db.session.rollback()
                refuse("Send text in UTF-8.", None, 1, json_)
            except OSError as problem:
                db.session.rollback()
                refuse(of_file(problem), None, 1, json_)
            if answer is not None:
                say(answer, json_)
        flagged = click.option("--json", "json_", is_flag=True, help="One JSON object on stdout.")(wrapped)
        return group.command(name, cls=Command)(with_appcontext(flagged))
    return mark


def of_database(problem):
    """Why the database did not do it, when that is not our mistake."""
    try:
        is_ready = migrations.current() == migrations.wanted()
    except OperationalError:
        return f"The database did not answer: {type(problem.orig).__name__}"
    if not is_ready:
        return "The database has no tables of this version yet. Start Maestro, or run: flask migrate"
    if isinstance(problem, ProgrammingError):
        raise problem
    return f"The database did not answer: {type(problem.orig).__name__}"


def of_file(problem):
    """What is wrong with a file or folder that was named; a reader of ours that went away is click's to handle."""
    if isinstance(problem, BrokenPipeError):
        raise problem
    return f"{problem.filename or 'A file'}: {problem.strerror}."


def say(answer, as_json):
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for name, value in answer.items():
        shown = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else value
        click.echo(f"{name}: {shown}")


def refuse(sentence, field, status, as_json):
    if as_json:
        click.echo(json.dumps({"error": sentence, "field": field}, ensure_ascii=False))
    click.echo(sentence, err=True)
    sys.exit(status)


def find(model, number, what):
    """The row with this number, or exit status 3."""
    found = db.session.get(model, number) if 0 < number <= LARGEST else None
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
