"""The ledger of a job's recipients as everybody but the sender uses it: counted, listed, reaped, moved by hand."""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select, update

from maestro.delivery import tallies
from maestro.delivery.snapshot import snapshot  # noqa: F401 - a verb of the ledger like the others here
from maestro.extensions import db
from maestro.leases import database_now
from maestro.lib.errors import WrongState
from maestro.models import RECIPIENT_STATES, Chunk, MailJob, Recipient

ACTIVE = ("sending", "paused", "stopping", "finishing", "failed")
OPEN = ("queued", "claimed", "handed")
RETRIED = ("cancelled", "expired", "render_error")
SLICE = 20                                         # chunks changed in one transaction
PAGE = 1000                                        # recipients read at once


def counts(job_id):
    """{state: recipients} for every state, adding up to the audience. `claimed`: queued, in the hands of a sender."""
    found = tallies.count(job_id)
    return {state: found[state] for state in RECIPIENT_STATES}


class Left(NamedTuple):
    """What of a job is still to come: how many, and when the first of them is due (seconds since 1970)."""

    rows: int
    next_at: float | None


def left(job_id):
    """The recipients who are not in a final state. Unconfirmed ones do not hold a job open."""
    found = counts(job_id)
    first = select(func.min(Chunk.next_at)).where(Chunk.job_id == job_id, Chunk.state == "open")
    return Left(sum(found[state] for state in OPEN), db.session.scalar(first))


def due():
    """The jobs that have something to send now."""
    ready = (select(Chunk.job_id).join(MailJob, MailJob.id == Chunk.job_id)
             .where(MailJob.phase.in_(("sending", "finishing")), Chunk.state == "open", Chunk.next_at <= database_now())
             .distinct().order_by(Chunk.job_id))
    return db.session.scalars(ready).all()


def is_due(job_id):
    """Whether a sender would find something to do now."""
    due = (Chunk.job_id == job_id) & (Chunk.state == "open") & (Chunk.next_at <= database_now())
    return db.session.scalar(select(exists().where(due)))


def in_flight(job_id):
    """Whether a sender holds a part of this job."""
    return db.session.scalar(select(exists().where(Chunk.job_id == job_id, Chunk.state == "claimed")))


def open_work(job_id):
    """Whether there are recipients of whom something is still to come."""
    return db.session.scalar(select(exists().where(Chunk.job_id == job_id, Chunk.state != "closed")))


def audit():
    """What does not add up, in sentences: nothing, ever."""
    mine = select(func.count()).select_from(Recipient).where(Recipient.job_id == MailJob.id)
    rows = mine.correlate(MailJob).scalar_subquery()
    wrong = select(MailJob.code, MailJob.audience, rows).where(MailJob.phase.in_(ACTIVE), MailJob.audience != rows)
    return [f"Job {code} was launched for {audience} recipients; its ledger has {found}."
            for code, audience, found in db.session.execute(wrong)]


def reap():
    """Let go of chunks whose sender is gone: what was handed over is unknown, the rest is for others.

    Commits; returns how many chunks it were.
    """
    over = (select(Chunk).where(Chunk.state == "claimed", Chunk.lease_until < database_now())
            .order_by(Chunk.id).limit(500).with_for_update(skip_locked=True))
    lapsed = db.session.scalars(over).all()
    for chunk in lapsed:
        db.session.execute(
            update(Recipient).where(Recipient.job_id == chunk.job_id, Recipient.number.between(chunk.low, chunk.high),
                                    Recipient.state == "handed")
            .values(state="unknown", done_at=database_now()).execution_options(synchronize_session=False))
        chunk.state, chunk.owner = "open", ""
        db.session.flush()
        tallies.rest(chunk.job_id, [chunk.number])
    db.session.commit()
    return len(lapsed)


def cancel_queued(job_id):
    """Nobody who is still queued will get this job. Commits in slices; returns how many."""
    return move(job_id, ("queued",), "cancelled", done_at=database_now())


def requeue(job_id):
    """Try those again who were cancelled, given up or could not be rendered; never who may have got it. Commits."""
    return move(job_id, RETRIED, "queued", next_at=0, attempt=0, done_at=None)


def resolve(job_id, into, numbers=None):
    """A person decides about unconfirmed recipients, all or some: "queued" sends again, "accepted" counts as delivered.

    Commits; returns how many recipients it were.
    """
    if into not in ("queued", "accepted"):
        raise WrongState(f"An unconfirmed recipient cannot become {into}.")
    return move(job_id, ("unknown",), into, numbers, next_at=0)


def move(job_id, sources, target, numbers=None, **values):
    """Change the state of recipients in `sources`, chunk by chunk."""
    chunks = None if numbers is None else {(number - 1) // tallies.SIZE + 1 for number in numbers}
    total = 0
    for some in sliced(tallies.numbers(job_id, chunks)):
        tallies.lock(job_id, some)
        chosen = [Recipient.job_id == job_id, Recipient.state.in_(sources),
                  tallies.chunk_of(Recipient.number).in_(some),
                  Recipient.number.between((some[0] - 1) * tallies.SIZE + 1, some[-1] * tallies.SIZE)]
        if numbers is not None:
            chosen.append(Recipient.number.in_(numbers))
        total += db.session.execute(update(Recipient).where(*chosen).values(state=target, **values)
                                    .execution_options(synchronize_session=False)).rowcount
        tallies.rest(job_id, some)
        db.session.commit()
    return total


def sliced(numbers):
    return [numbers[first : first + SLICE] for first in range(0, len(numbers), SLICE)]


def recipients(job_id, state=None, after=0, limit=None):
    """The lines of the ledger in order, as mappings; read in pages, so that their number does not matter."""
    left = limit
    while left is None or left > 0:
        rows = page(job_id, state, after, PAGE if left is None else min(left, PAGE))
        yield from map(line, rows)
        if len(rows) < PAGE:
            return
        after, left = rows[-1].number, left and left - len(rows)


def page(job_id, state, after, limit):
    found = select(Recipient).where(Recipient.job_id == job_id, Recipient.number > after)
    if state:
        found = found.where(Recipient.state == state)
    return db.session.scalars(found.order_by(Recipient.number).limit(limit)).all()


def line(row):
    return {"number": row.number, "address": row.address, "state": row.state, "attempts": row.attempt, "code": row.code,
            "reply": row.reply, "handed_at": moment(row.handed_at), "done_at": moment(row.done_at)}


def moment(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
