"""The journal of a job: what happened to it, when, and by whom."""

from sqlalchemy import insert, select

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import StateChange

MACHINE = "Maestro"


def note(job, verb, by):
    """Write that `by` (a user, or the word for a machine) did `verb`, in the transaction that did it."""
    db.session.execute(insert(StateChange).values(
        created_at=clock.now(), job_id=job.id, verb=verb, phase=job.phase, actor=getattr(by, "email", by) or MACHINE))


def of(job, limit=500):
    """The entries of a job, latest first."""
    mine = select(StateChange).where(StateChange.job_id == job.id)
    return db.session.scalars(mine.order_by(StateChange.id.desc()).limit(limit)).all()


def last(job, verb):
    """The latest entry of this kind, or None."""
    mine = select(StateChange).where(StateChange.job_id == job.id, StateChange.verb == verb)
    return db.session.scalar(mine.order_by(StateChange.id.desc()).limit(1))
