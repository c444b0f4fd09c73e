"""One call of a trigger URL, decided: looked up under a lock, written down, done, and answered after the commit."""

from datetime import timedelta

from sqlalchemy import func, select

from maestro import actions
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Forbidden, MaestroError, TooMany
from maestro.models import ActionCall, ImportRun
from maestro.triggers.calls import Answer, Method, keep, locked, note, of_run
from maestro.triggers.deeds import KINDS

REMEMBER = timedelta(hours=24)                     # for which an Idempotency-Key is known
RATE, MINUTE = 10, timedelta(minutes=1)            # decisions of one token in a minute


def decide(call):
    """Decide about one call. Flushes; the door commits and only then answers, or waits for the run."""
    action = locked(call.token)
    if not actions.may_call(action, call.ip):
        return refused(call, Forbidden(f"{call.ip} may not call this."))
    if call.asked.get("status") == "1":
        return status(action)
    kind = KINDS[action.kind]
    if kind.repeats and (before := answered_before(action, call)):
        return again(action, before)
    brake(action)
    if kind.repeats and (first := within_gap(action, call)):
        return repeated(action, call, first)
    try:
        check_method(action, call)
        record = note(action, call)
        found = kind.run(action, call, record)
    except MaestroError as refusal:
        db.session.rollback()
        return refused(call, refusal)
    action.called_at, action.call_id = clock.now(), record.id
    return keep(record, found)


def check_method(action, call):
    if action.post_only and call.method != "POST":
        raise Method("Send this request by POST.")


def answered_before(action, call):
    """The call of the last day with the same Idempotency-Key; one that was refused is decided again."""
    if not call.key:
        return None
    same = select(ActionCall).where(ActionCall.action_id == action.id, ActionCall.key == call.key,
                                    ActionCall.created_at > clock.now() - REMEMBER, ActionCall.result != "refused")
    return db.session.scalar(same.order_by(ActionCall.id).limit(1))


def again(action, before):
    """The stored answer again; of a run how far it is by now."""
    action.called_at = clock.now()
    if before.run_id:
        return of_run(db.session.get(ImportRun, before.run_id), before)._replace(result="repeated")
    return Answer(before.status, before.body or "OK", before.id, "repeated", None, before.rows)


def brake(action):
    """At most ten decisions of a token in a minute; calls from foreign networks take none of them away."""
    recent = select(func.count()).where(ActionCall.action_id == action.id,
                                        ActionCall.created_at > clock.now() - MINUTE,
                                        ActionCall.result != "repeated", ActionCall.status != 403)
    if db.session.scalar(recent) >= RATE:
        raise TooMany("TOO MANY CALLS of this token. Wait a minute.", 60)


def within_gap(action, call):
    """The first of the calls that count as one, when the last one came in less than the gap ago.

    Calls with different bodies are never the same one: each brings people of its own.
    """
    if not (action.gap and action.called_at and action.call_id):
        return None
    if clock.now() - action.called_at >= timedelta(seconds=action.gap):
        return None
    first = db.session.get(ActionCall, action.call_id)
    return first if first.digest == call.digest else None


def repeated(action, call, first):
    """The same call once more: it does nothing, and answers what the first one has led to."""
    action.called_at = clock.now()
    record = note(action, call)
    record.status, record.result, record.body, record.run_id = 200, "repeated", "OK", first.run_id
    if first.run_id:
        found = of_run(db.session.get(ImportRun, first.run_id), first)
        return found._replace(result="repeated")
    return Answer(200, "OK", first.id, "repeated", None, first.rows)


def refused(call, refusal):
    """What cannot be done now is in the log as well; repeating it is a new decision."""
    action = locked(call.token)
    if refusal.status in (429, 503):               # the door says when to try again
        raise refusal
    word = {403: "NOT ALLOWED", 405: "WRONG METHOD", 409: "NOT READY", 422: "FAILED"}.get(refusal.status, "REFUSED")
    return keep(note(action, call), Answer(refusal.status, f"{word}: {refusal.sentence}", result="refused"))


def status(action):
    """The last call's outcome as text; starts nothing."""
    last = db.session.get(ActionCall, action.call_id) if action.call_id else None
    if not last:
        return Answer(200, "NEVER", result="status")
    if last.run_id:
        return of_run(db.session.get(ImportRun, last.run_id), last)._replace(status=200, result="status")
    return Answer(200, last.body or "OK", last.id, "status", None, last.rows)
