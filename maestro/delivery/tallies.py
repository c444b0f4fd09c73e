"""How many recipients of a chunk are in which state, kept beside the chunk while nobody is at work on it.

Who changes recipients of a chunk that he does not hold locks the chunk first, and rests it again in the same
transaction.
"""

import json
from collections import Counter

from sqlalchemy import Text, case, cast, func, literal, null, select, update

from maestro.extensions import db
from maestro.models import RECIPIENT_STATES, Chunk, Recipient

SIZE = 500                                         # recipients of a chunk
OBJECTS = {"postgresql": "json_object_agg", "sqlite": "json_group_object"}


def chunk_of(number):
    """The number of the chunk in which a recipient's number lies, as an expression."""
    return (number - 1) // SIZE + 1


def inside(chunk):
    """The condition that a recipient lies in a chunk."""
    return (Recipient.job_id == chunk.job_id) & Recipient.number.between(chunk.low, chunk.high)


def numbers(job_id, chunks=None):
    """The numbers of a job's chunks in order, all or those among `chunks`."""
    wanted = select(Chunk.number).where(Chunk.job_id == job_id).order_by(Chunk.number)
    return db.session.scalars(wanted if chunks is None else wanted.where(Chunk.number.in_(chunks))).all()


def lock(job_id, chunks):
    """Keep others from these chunks until the commit."""
    db.session.execute(select(Chunk.id).where(Chunk.job_id == job_id, Chunk.number.in_(chunks))
                       .order_by(Chunk.number).with_for_update())


def rest(job_id, chunks=None):
    """Count chunks that nobody holds, and open or close them by what is queued in them."""
    states = (select(Recipient.state, func.count().label("n")).where(inside(Chunk)).group_by(Recipient.state)
              .order_by(Recipient.state).correlate(Chunk).subquery())
    name = OBJECTS[db.engine.dialect.name]
    tally = select(cast(getattr(func, name)(states.c.state, states.c.n), Text)).scalar_subquery()
    first = (select(func.min(Recipient.next_at)).where(inside(Chunk), Recipient.state == "queued").correlate(Chunk)
             .scalar_subquery())
    word = Chunk.state.type
    resting = update(Chunk).where(Chunk.job_id == job_id, Chunk.state != "claimed").values(
        tally=tally, next_at=func.coalesce(first, 0.0),
        state=case((first.is_(None), literal("closed", word)), else_=literal("open", word)))
    if chunks is not None:
        resting = resting.where(Chunk.number.in_(chunks))
    db.session.execute(resting.execution_options(synchronize_session=False))


def count(job_id):
    """{state: recipients} of a job: from the tallies, and by counting where somebody is at work.

    In one statement, which sees one moment: a chunk that is let go meanwhile is counted once, whichever way.
    """
    chunks, moving = Chunk.job_id == job_id, Chunk.tally.is_(None)
    counted = (select(null().label("tally"), Chunk.state, Recipient.state, func.count())
               .join(Recipient, inside(Chunk)).where(chunks, moving).group_by(Chunk.state, Recipient.state))
    tallied = select(Chunk.tally, null(), null(), func.count()).where(chunks, ~moving).group_by(Chunk.tally)
    found = Counter()
    for tally, held, state, rows in db.session.execute(counted.union_all(tallied)):
        if tally is None:
            found["claimed" if (held, state) == ("claimed", "queued") else state] += rows
        else:
            for code, recipients in json.loads(tally).items():
                found[RECIPIENT_STATES[int(code)]] += recipients * rows
    return found
