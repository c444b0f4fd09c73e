"""One call of a trigger URL, decided: looked up under a lock, written down, done, and answered after the commit."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update

from maestro import actions, audit
from maestro.exchange import exporters, launching
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Forbidden, MaestroError, NotFound, TooMany, WrongState
from maestro.models import Action, ActionCall, ImportRun

REMEMBER = timedelta(hours=24)                     # for which an Idempotency-Key is known
RATE, MINUTE = 10, timedelta(minutes=1)            # decisions of one token in a minute
AT_ONCE = 2                                        # calls of one token for which data is made at the same time
MAKING = timedelta(minutes=10)                     # after which a call that makes data counts as dead
SETTLED = ("done", "failed", "cancelled", "needs_review", "staged")


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
    """The call of the last day with the same Idempotency-Key."""
    if not call.key:
        return None
    same = select(ActionCall).where(ActionCall.action_id == action.id, ActionCall.key == call.key,
                                    ActionCall.created_at > clock.now() - REMEMBER)
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


def refused(call, refusal):
    """What cannot be done now is in the log as well; repeating it is a new decision."""
    action = locked(call.token)
    if refusal.status in (429, 503):               # the door says when to try again
        raise refusal
    word = {403: "NOT ALLOWED", 405: "WRONG METHOD", 409: "NOT READY", 422: "FAILED"}.get(refusal.status, "REFUSED")
    return keep(note(action, call), Answer(refusal.status, f"{word}: {refusal.sentence}", result="refused"))


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


def put(answer):
    db.session.execute(update(ActionCall).where(ActionCall.id == answer.id).values(
        status=answer.status, result=answer.result, body=answer.body[:1000], rows=answer.rows))


def status(action):
    """The last call's outcome as text; starts nothing."""
    last = db.session.get(ActionCall, action.call_id) if action.call_id else None
    if not last:
        return Answer(200, "NEVER", result="status")
    if last.run_id:
        return of_run(db.session.get(ImportRun, last.run_id), last)._replace(status=200, result="status")
    return Answer(200, last.body or "OK", last.id, "status", None, last.rows)


def of_run(run, record):
    """How far a run is, as an answer."""
    if run is None or run.state not in SETTLED:
        return Answer(202, f"RUNNING run={record.run_id}", record.id, record.result, record.run_id)
    if run.state == "done":
        return Answer(200, "OK", record.id, "done", run.id, run.total)
    word = {"failed": "FAILED", "cancelled": "CANCELLED"}.get(run.state, "WAITS FOR A PERSON")
    sentence = f"{word}: {run.problem}" if run.problem else word
    return Answer(422, sentence, record.id, run.state, run.id, run.total)


def settle(answer):
    """What the run of an answer has come to since, written down with its call."""
    record, run = db.session.get(ActionCall, answer.id), db.session.get(ImportRun, answer.run, populate_existing=True)
    found = of_run(run, record)
    if found.status != 202:
        put(found)
    return found


class Kind(NamedTuple):
    """How an action runs, and whether a second call within the gap is a repetition (data is made each time)."""

    run: object
    repeats: bool


KINDS = {"import": Kind(launch, True), "export": Kind(export, False)}
