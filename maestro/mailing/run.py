"""How a job goes out: launched once, its audience written into the ledger, sent in slices, and finished."""

from flask import current_app
from sqlalchemy import delete, insert, select, update

from maestro.accounts import settings
from maestro.background import stopping, task
from maestro.delivery import ledger, outbox, send as sender, servers
from maestro.extensions import db
from maestro.lib import clock, crash
from maestro.lib.errors import Refused
from maestro.mailing import audience, compose, states
from maestro.models import Dataset, Link, MailJob

SLICE = 30                                         # seconds of sending in one task
ACTIVE = ("launching", "sending", "finishing", "stopping")


def due():
    """Jobs that wait for a worker: [(task, job id)]."""
    now = clock.now()
    ready = db.session.scalars(select(MailJob.id).where(MailJob.phase == "authorised", MailJob.due_at <= now)).all()
    active = [job.id for job in db.session.scalars(select(MailJob).where(MailJob.phase.in_(ACTIVE))) if has_work(job)]
    return [(send, id) for id in (*ready, *active)]


def has_work(job):
    return job.phase in ("launching", "stopping") or ledger.is_due(job.id) or not ledger.open_work(job.id)


@task("send")
def send(job_id):
    """Take a job one slice further, from whatever step it is at. Two at once do not harm: rows are claimed."""
    job = db.session.get(MailJob, job_id)
    if job and job.phase in STEPS:
        STEPS[job.phase](job)


def start(job):
    if job.due_at and job.due_at <= clock.now() and states.try_to(job, "launch"):
        db.session.commit()
        launch(job)


def launch(job):
    """Write the audience into the ledger, and the links where their numbers are looked up; then begin."""
    if busy(job):
        return
    try:
        message = compose.compiled(job)
    except Refused as problem:
        fail(job, f"The message cannot be built: {problem.sentence}")
        return
    db.session.execute(delete(Link).where(Link.job_id == job.id))
    if message.links:
        db.session.execute(insert(Link), [
            {"created_at": clock.now(), "job_id": job.id, "number": link.number, "url": link.url} for link in message.links])
    db.session.commit()
    ledger.snapshot(job, audience.query(job))
    states.try_to(job, "begin", audience=ledger.size(job.id))
    crash.point("snapshot_done")
    db.session.commit()
    go_on(job)


def busy(job):
    """An import that is being applied is seen entirely or not at all: wait until it is done."""
    return db.session.scalar(select(Dataset.busy_run_id).where(Dataset.id == job.dataset_id)) is not None


def go_on(job):
    """One slice of sending, by the server or into the Outbox."""
    db.session.refresh(job)
    if job.phase not in ("sending", "finishing"):
        return
    route = servers.route(settings.smtp_url(current_app.extensions["maestro"]))
    message, recipients = compose.compiled(job), compose.merging(job)
    db.session.commit()
    if route:
        problem = sender.send_slice(job, recipients, message, route, seconds=SLICE, stop=stopping).problem
    else:
        problem = outbox.deliver_slice(job, recipients, message, seconds=SLICE, stop=stopping)
    db.session.refresh(job)
    if problem:
        hold(job, problem)
    else:
        settle(job)


def settle(job):
    """After a slice: go on, wait for deferred recipients, or be done."""
    if job.phase == "stopping":
        stop(job)
    elif not ledger.open_work(job.id):
        crash.point("job_finishing")
        states.try_to(job, "finish")
    elif ledger.is_due(job.id):
        send.later(job.id)
    elif job.phase == "sending" and not ledger.in_flight(job.id):
        states.try_to(job, "wait")
    db.session.commit()


def hold(job, problem):
    """The server refuses us, not the recipients: pause and say why."""
    db.session.execute(update(MailJob).where(MailJob.id == job.id).values(problem=problem))
    states.try_to(job, "pause")
    db.session.commit()


def fail(job, problem):
    states.try_to(job, "fail", problem=problem)
    db.session.commit()


def stop(job):
    """Who was not reached is cancelled, once no sender holds any of them."""
    if not ledger.in_flight(job.id):
        ledger.cancel_queued(job.id)
        states.try_to(job, "stopped")
        db.session.commit()


STEPS = {"authorised": start, "launching": launch, "sending": go_on, "finishing": go_on, "stopping": stop}
