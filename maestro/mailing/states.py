"""A job's life: which moves there are, from where, to where. Every move is one conditional UPDATE."""

from sqlalchemy import update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import WrongState
from maestro.mailing import journal
from maestro.models import MailJob

MOVES = {
    "authorise": ({"open"}, "authorised"),
    "deliver": ({"authorised"}, "authorised"),         # at once, instead of at its time or by its trigger
    "revoke": ({"authorised"}, "open"),
    "launch": ({"authorised"}, "launching"),
    "begin": ({"launching"}, "sending"),
    "wait": ({"sending"}, "finishing"),               # only deferred recipients are left
    "pause": ({"sending", "finishing"}, "paused"),
    "continue": ({"paused"}, "sending"),
    "stop": ({"launching", "sending", "finishing", "paused"}, "stopping"),
    "stopped": ({"stopping"}, "failed"),
    "fail": ({"authorised", "launching", "sending", "finishing"}, "failed"),
    "finish": ({"sending", "finishing"}, "done"),
    "retry": ({"failed", "done"}, "sending"),
    "reopen": ({"failed"}, "open"),
    "close": ({"failed"}, "closed_failed"),
}
WORDS = {
    "open": "a draft", "authorised": "waiting for its delivery", "launching": "being launched", "sending": "being sent",
    "paused": "paused", "stopping": "being stopped", "finishing": "delivering its last recipients", "failed": "failed",
    "done": "delivered", "closed_failed": "closed",
}
REFUSALS = {
    "authorise": "only a draft can be authorised", "deliver": "only a waiting one can be delivered now",
    "revoke": "there is no authorisation to take back", "pause": "there is no sending to pause",
    "continue": "only a paused one can be continued", "stop": "there is no sending to stop",
    "retry": "only a failed or delivered one can be tried again", "reopen": "only a failed one can be reopened",
    "close": "only a failed one can be closed", "launch": "it cannot be launched", "begin": "it cannot begin",
    "wait": "it is not sending", "stopped": "it is not being stopped", "fail": "it cannot fail any more",
    "finish": "it is not sending",
}


def move(job, verb, by=None, **values):
    """Move `job` along `verb` and set `values` with it, or refuse. Of two who try at once, one wins."""
    sources, target = MOVES[verb]
    won = db.session.execute(
        update(MailJob).where(MailJob.id == job.id, MailJob.phase.in_(sources))
        .values(phase=target, **stamps(target), **values).execution_options(synchronize_session=False))
    db.session.refresh(job)
    if not won.rowcount:
        raise WrongState(f"This job is {WORDS[job.phase]}; {REFUSALS[verb]}.", "state")
    journal.note(job, verb, by)
    audit.record(f"job.{verb}", job, by, phase=target)


def try_to(job, verb, **values):
    """The same for work in the background, where losing is ordinary: says whether it won."""
    try:
        move(job, verb, **values)
    except WrongState:
        return False
    return True


def stamps(phase):
    if phase == "launching":
        return {"started_at": clock.now(), "problem": ""}
    return {"ended_at": clock.now()} if phase in ("done", "failed", "closed_failed") else {"ended_at": None}
