"""A call of a trigger URL, what is answered, the log of both, and how far a run is as an answer."""

from typing import NamedTuple

from sqlalchemy import select, update

from maestro import actions
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import MaestroError, NotFound
from maestro.models import Action, ActionCall, ImportRun

SETTLED = ("done", "failed", "cancelled", "needs_review", "staged", "undone")


class Call(NamedTuple):
    """What the caller sent. `body` is the key of its body, stored in `format`; `digest` is what tells bodies apart."""

    token: str
    method: str
    ip: str
    key: str = ""
    asked: dict = {}
    body: str = ""
    format: dict = {}
    digest: str = ""


class Answer(NamedTuple):
    """What is answered: status, a line of text, and facts for the headers. `made` is data instead of a line.

    `rest` is what has to be done after the commit, before there is an answer.
    """

    status: int
    body: str
    id: int | None = None
    result: str = ""
    run: int | None = None
    rows: int | None = None
    made: object = None
    rest: object = None


class Method(MaestroError):
    """Another method is needed."""

    status = 405


def known(token):
    """The action with this token. Raises NotFound, with the same words for whatever is wrong with a token."""
    found = db.session.scalar(select(Action).where(Action.hash == actions.keyed(token)))
    if found is None:
        raise NotFound("Not Found")
    return found


def locked(token):
    """The action with this token, and nobody else decides about it before the end of this transaction."""
    found = db.session.scalar(select(Action.id).where(Action.hash == actions.keyed(token)).with_for_update())
    if found is None:
        raise NotFound("Not Found")
    return db.session.get(Action, found, populate_existing=True)


def note(action, call):
    record = ActionCall(action_id=action.id, ip=call.ip[:45], method=call.method, key=call.key[:200],
                        digest=call.digest, created_at=clock.now())
    db.session.add(record)
    db.session.flush()
    return record


def keep(record, answer):
    """Write down what is answered."""
    record.status, record.result, record.body = answer.status, answer.result, answer.body[:1000]
    record.run_id, record.rows = answer.run, answer.rows
    db.session.flush()
    return answer._replace(id=record.id)


def put(answer):
    db.session.execute(update(ActionCall).where(ActionCall.id == answer.id).values(
        status=answer.status, result=answer.result, body=answer.body[:1000], rows=answer.rows))


def of_run(run, record):
    """How far a run is, as an answer."""
    if run is None or run.state not in SETTLED:
        return Answer(202, f"RUNNING run={record.run_id}", record.id, record.result, record.run_id)
    if run.state == "done":
        return Answer(200, "OK", record.id, "done", run.id, run.total)
    word = {"failed": "FAILED", "cancelled": "CANCELLED", "undone": "UNDONE"}.get(run.state, "WAITS FOR A PERSON")
    sentence = f"{word}: {run.problem}" if run.problem else word
    return Answer(422, sentence, record.id, run.state, run.id, run.total)


def settle(answer):
    """What the run of an answer has come to since, written down with its call."""
    record, run = db.session.get(ActionCall, answer.id), db.session.get(ImportRun, answer.run, populate_existing=True)
    found = of_run(run, record)
    if found.status != 202:
        put(found)
    return found._replace(result=answer.result) if answer.result == "repeated" else found
