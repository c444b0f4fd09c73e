"""Writing a job's audience into the ledger: once, in slices that survive a crash, before anybody is mailed."""

from sqlalchemy import case, delete, func, insert, literal, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from maestro.delivery import partitions, tallies
from maestro.extensions import db
from maestro.lib import crash
from maestro.models import Chunk, MailJob, Recipient, Suppression
from maestro.warehouse import restriction

SLICE = 10_000                                     # members in one transaction
INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def snapshot(job, query):
    """Fill the ledger from `query`: a SELECT of member_id, subscription_id, address, address_key, in any order.

    Commits slice by slice. Called again after a crash it goes on where it was. True when the ledger is whole;
    False when the job is not being launched, or another process is at it.
    """
    partitions.make(job.id)
    db.session.commit()
    last, people = progress(job), query.subquery("people")
    while last is not None:
        upto = bound(people, last)
        if upto is None:
            return finish(job, last)
        last = upto if take_over(job, people, last, upto) else None
        crash.point("snapshot_slice")
    return False


def progress(job):
    """The last member taken over, or None when the job is not being launched."""
    return db.session.scalar(select(MailJob.launched_to).where(MailJob.id == job.id, MailJob.phase == "launching"))


def bound(people, last):
    """The last member of the next slice, None when there is nobody left."""
    slice = select(people.c.member_id).where(people.c.member_id > last).order_by(people.c.member_id).limit(SLICE)
    return db.session.scalar(select(func.max(slice.subquery().c.member_id)))


def take_over(job, people, last, upto):
    """One slice in one transaction. Says whether it was ours to do."""
    if not move_on(job, last, upto):
        return False
    first = db.session.scalar(select(func.max(Recipient.number)).where(Recipient.job_id == job.id)) or 0
    columns = {
        "job_id": literal(job.id), "number": first + func.row_number().over(order_by=people.c.member_id),
        "member_id": people.c.member_id, "subscription_id": people.c.subscription_id, "address": people.c.address,
        "address_key": people.c.address_key, "occasion": literal(""), "state": state(job, people),
        "attempt": literal(0),
        "fence": literal(0), "next_at": literal(0.0)}
    rows = select(*columns.values()).where(people.c.member_id > last, people.c.member_id <= upto)
    new = INSERTS[db.engine.dialect.name](Recipient).from_select(list(columns), rows, include_defaults=False)
    count = db.session.execute(new.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True}).rowcount
    db.session.execute(update(MailJob).where(MailJob.id == job.id).values(audience=MailJob.audience + count)
                       .execution_options(synchronize_session=False))
    db.session.commit()
    return True


def move_on(job, last, upto):
    """Claim the slice: of two who launch at once, one wins."""
    won = db.session.execute(
        update(MailJob).where(MailJob.id == job.id, MailJob.phase == "launching", MailJob.launched_to == last)
        .values(launched_to=upto, **({"audience": 0} if not last else {})).execution_options(synchronize_session=False))
    if not won.rowcount:
        db.session.rollback()
    return bool(won.rowcount)


def state(job, people):
    """Queued, or suppressed where the address must not get mail from this group."""
    held = select(Suppression.id).where(
        Suppression.address_key == people.c.address_key, restriction.counts_for(job.group_id))
    word = Recipient.state.type
    return case((held.exists(), literal("suppressed", word)), else_=literal("queued", word))


def finish(job, last):
    """Cut the ledger into chunks, once, in one transaction."""
    if not move_on(job, last, last):
        return False
    cut(job)
    db.session.commit()
    crash.point("snapshot_done")
    db.session.refresh(job)
    return True


def cut(job):
    """Cut the ledger into chunks unless it is cut: a launch that was stopped midway has recipients and no chunks."""
    if not db.session.scalar(select(Chunk.id).where(Chunk.job_id == job.id).limit(1)):
        make_chunks(job)
        partitions.analyse(job.id)


def forget(job):
    """Take a ledger back of which nothing was handed to anybody, so that the audience is chosen anew."""
    for kind in (Chunk, Recipient):
        db.session.execute(delete(kind).where(kind.job_id == job.id).execution_options(synchronize_session=False))
    job.audience = job.launched_to = 0
    db.session.flush()


def make_chunks(job):
    number = tallies.chunk_of(Recipient.number)
    ends = func.min(Recipient.number).label("low"), func.max(Recipient.number).label("high")
    grouped = (select(number.label("number"), *ends)
               .where(Recipient.job_id == job.id).group_by(number).subquery())
    columns = [literal(job.id), grouped.c.number, grouped.c.low, grouped.c.high, literal("open", Chunk.state.type),
               literal(0), literal(""), literal(0.0), literal(0.0), null()]
    names = ["job_id", "number", "low", "high", "state", "fence", "owner", "lease_until", "next_at", "tally"]
    db.session.execute(insert(Chunk).from_select(names, select(*columns), include_defaults=False))
    tallies.rest(job.id)
