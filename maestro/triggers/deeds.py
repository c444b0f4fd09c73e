"""What a trigger URL does: it launches an importer, or hands out people or changes as data."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from maestro import actions, audit
from maestro.exchange import exporters, launching
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import MaestroError, TooMany, WrongState
from maestro.models import Action, ActionCall
from maestro.triggers.calls import Answer, Method, put

AT_ONCE = 2                                        # calls of one token for which data is made at the same time
MAKING = timedelta(minutes=10)                     # after which a call that makes data counts as dead


def launch(action, call, record):
    """Start an importer; the door then waits for the run. While one is going on, one more is noted."""
    importer = actions.subject(action)
    if importer.source == "post" and not call.body:
        raise Method("This importer takes its people from the body: send CSV or JSON by POST.")
    key = call.body if importer.source == "post" else None
    run, is_new = launching.launch(importer, by="trigger", key=key, format=call.format)
    if is_new:
        return Answer(202, f"RUNNING run={run.id}", result="started", run=run.id)
    if key:
        raise WrongState(f"Run {run.id} is going on. Send the data again when it is over.")
    return Answer(200, "OK", result="queued", run=run.id)


def export(action, call, record):
    """People or changes as data, made whole before the first byte is answered."""
    busy = select(func.count()).where(ActionCall.action_id == action.id, ActionCall.id != record.id,
                                       ActionCall.result == "making", ActionCall.created_at > clock.now() - MAKING)
    if db.session.scalar(busy) >= AT_ONCE:
        raise TooMany("TOO MANY CALLS: the data is being made for other calls.", 10)
    exporter = actions.subject(action)
    return Answer(200, "", result="making", rest=lambda: exporters.run(exporter, call.asked))


def fulfil(answer):
    """Make the data of an answer, and write down what came of it."""
    try:
        made = answer.rest()
        found = Answer(200, "", answer.id, "done", rows=made.rows, made=made)
        record_export(answer, made)
    except MaestroError as refusal:
        word = {409: "NOT READY", 503: "NOT NOW"}.get(refusal.status, "FAILED")
        found = Answer(refusal.status, f"{word}: {refusal.sentence}", answer.id, "refused")
        db.session.rollback()
    put(found)
    return found


def record_export(answer, made):
    """Who takes people away by a token stands in the audit like everybody else."""
    exporter = actions.subject(db.session.get(Action, db.session.get(ActionCall, answer.id).action_id))
    audit.record("export.run", exporter.list or exporter.dataset, "trigger", rows=made.rows, format=exporter.format)


class Kind(NamedTuple):
    """How an action runs, and whether a second call within the gap is a repetition (data is made each time)."""

    run: object
    repeats: bool


KINDS = {"import": Kind(launch, True), "export": Kind(export, False)}
