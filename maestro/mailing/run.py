"""How a job goes out: launched once, its audience written into the ledger, sent in slices, and finished."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, insert, select

from maestro.background import stopping, task
from maestro.delivery import ledger, outbox, servers, snapshot
from maestro.delivery import send as sending
from maestro.extensions import db
from maestro.lib import clock, crash
from maestro.lib.errors import Refused
from maestro.mailing import audience, compose, merging, reopening, states
from maestro.models import Dataset, Link, MailJob

SLICE = 30                                         # seconds of sending in one task
PATIENCE = timedelta(minutes=10)                   # with an import that is being applied
TORN = "An import was still changing these people when the recipients were taken: it may be in only in part."
AT_WORK = ("launching", "stopping")


def due():
    """Work on jobs that waits for a worker: [(task, job id)]."""
    ready = (MailJob.phase == "authorised") & (MailJob.due_at <= clock.now())
    waiting = db.session.scalars(select(MailJob.id).where(ready | MailJob.phase.in_(AT_WORK))).all()
    ended = [id for id in in_phase("sending", "finishing") if not ledger.open_work(id)]
    return [(send, id) for id in dict.fromkeys([*waiting, *ledger.due(), *ended])]


def in_phase(*phases):
    return db.session.scalars(select(MailJob.id).where(MailJob.phase.in_(phases))).all()


@task("send")
def send(job_id):
    """Take a job one slice further, from whatever step it is at. Two at once do no harm: rows are claimed."""
    job = db.session.get(MailJob, job_id)
    step = job and STEPS.get(job.phase)
    if step:
        step(job)


def start(job):
    """Begin a job whose time has come; of two who try, one does."""
    if job.due_at and job.due_at <= clock.now() and states.try_to(job, "launch"):
        db.session.commit()
        launch(job)


def launch(job):
    """Write the audience into the ledger, and where the links lead; then begin. For an import it waits a while."""
    torn = busy(job)
    message = None if torn and clock.now() < job.started_at + PATIENCE else built(job)
    if not message:
        return
    keep_links(job, message.links)
    if has_ledger(job) and states.try_to(job, "begin", problem=TORN if torn else ""):
        db.session.commit()
        go_on(job)


def built(job):
    """The compiled message; without it the job has failed."""
    try:
        return compose.compiled(job)
    except Refused as problem:
        states.try_to(job, "fail", problem=f"The message cannot be built: {problem.sentence}")
        db.session.commit()
        return None


def has_ledger(job):
    """Write the ledger. A job that was opened again after a part of it went out keeps its own, and reaches the rest."""
    if reopening.is_begun(job):
        ledger.requeue(job.id)
        return True
    return snapshot.snapshot(job, audience.query(job))


def busy(job):
    """Whether an import is being applied: it should be seen entirely or not at all."""
    return db.session.scalar(select(Dataset.busy_run_id).where(Dataset.id == job.dataset_id)) is not None


def keep_links(job, links):
    """Store where the links of this launch lead. Those of an earlier one stay: they are in mails."""
    db.session.execute(delete(Link).where(Link.job_id == job.id, Link.created_at >= job.started_at))
    if links:
        db.session.execute(insert(Link), [
            {"created_at": clock.now(), "job_id": job.id, "number": link.number, "url": link.url} for link in links])
    db.session.commit()


def go_on(job):
    """One slice of sending, by the mail server or into the Outbox."""
    route = servers.chosen(current_app.extensions["maestro"])
    message = built(job)
    if not message:
        return
    recipients = merging.of(job, message)
    db.session.commit()
    if route:
        result = sending.send_slice(job, recipients, message, route, seconds=SLICE, stop=stopping)
    else:
        result = outbox.deliver_slice(job, recipients, message, seconds=SLICE, stop=stopping)
    db.session.refresh(job)
    settle(job, result)


def settle(job, result):
    """After a slice: hold, wait for deferred recipients, go on, or be done."""
    if result.problem and not stopping.is_set():
        states.try_to(job, "pause", problem=result.problem)
    elif job.phase == "stopping":
        stop(job)
    elif job.phase in ("sending", "finishing") and not result.left:
        crash.point("job_finishing")
        states.try_to(job, "finish")
    elif job.phase == "sending" and result.next_at and result.next_at > clock.now().timestamp() + 1:
        states.try_to(job, "wait")
    elif job.phase == "sending":
        send.later(job.id)
    db.session.commit()


def stop(job):
    """Who was not reached is cancelled, once no sender holds any of them."""
    if not ledger.in_flight(job.id):
        snapshot.cut(job)
        ledger.cancel_queued(job.id)
        states.try_to(job, "stopped")
        db.session.commit()


STEPS = {"authorised": start, "launching": launch, "sending": go_on, "finishing": go_on, "stopping": stop}
