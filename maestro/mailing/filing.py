"""Where jobs lie: the stages, the archive, and taking a draft away."""

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import defer

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import WrongState
from maestro.mailing import jobs, journal, states
from maestro.models import MailJob, OutboxMessage, StateChange, User

STAGES = {"open": ("open",), "completed": ("done", "closed_failed"),
          "ongoing": ("authorised", "launching", "sending", "paused", "stopping", "finishing", "failed")}
ARCHIVE = "archived"


def staged(visible, stage, search=""):
    """The select of one stage's jobs among those that `visible` (a select) shows."""
    found = visible.where(*(conditions(stage)))
    for word in search.split()[:5]:
        title, code, name, email = (
            text.icontains(word, autoescape=True) for text in (MailJob.title, MailJob.code, User.name, User.email))
        found = found.where(or_(title, code, MailJob.user.has(or_(name, email))))
    return found


def listed(found, offset=0, limit=None):
    """Jobs of a select, latest first, without their contents."""
    slim = found.options(defer(MailJob.html), defer(MailJob.text)).order_by(MailJob.id.desc())
    return db.session.scalars(slim.offset(offset).limit(limit)).all()


def conditions(stage):
    if stage == ARCHIVE:
        return [MailJob.archived_at.is_not(None)]
    return [MailJob.phase.in_(STAGES[stage]), MailJob.archived_at.is_(None)]


def stage_of(job):
    """The stage on whose page a job is."""
    return ARCHIVE if job.archived_at else job.state


def by_stage(visible):
    """How many jobs each stage has."""
    jobs = visible.with_only_columns(MailJob.phase, MailJob.archived_at.is_not(None).label("archived")).subquery()
    rows = db.session.execute(select(*jobs.c, func.count()).group_by(*jobs.c)).all()
    counts = {stage: sum(n for phase, archived, n in rows if not archived and phase in phases)
              for stage, phases in STAGES.items()}
    return {**counts, ARCHIVE: sum(n for _, archived, n in rows if archived)}


def remove(job, by):
    """Delete a draft that never started."""
    jobs.lock(job)
    if job.started_at:
        raise WrongState("This job has started once. It stays, so that its numbers stay true.")
    audit.record("job.remove", job, by, code=job.code)
    db.session.execute(delete(StateChange).where(StateChange.job_id == job.id))
    db.session.execute(OutboxMessage.__table__.update().where(OutboxMessage.job_id == job.id).values(job_id=None))
    db.session.delete(job)
    db.session.flush()


def archive(job, by):
    """Put a completed job out of sight. Nothing of it changes."""
    if job.state != "completed":
        raise WrongState(f"This job is {states.WORDS[job.phase]}; only a completed one can be archived.")
    job.archived_at = clock.now()
    audit.record("job.archive", job, by)
    journal.note(job, "archive", by)


def bring_back(job, by):
    """Out of the archive again."""
    job.archived_at = None
    audit.record("job.unarchive", job, by)
    journal.note(job, "unarchive", by)
