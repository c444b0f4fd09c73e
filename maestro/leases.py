"""Parts that one process plays at a time, held by the database's clock. Nothing's correctness rests on them."""

import os
import socket

from sqlalchemy import insert, literal_column, or_, select, update

from maestro.extensions import db
from maestro.models import Lease

OWNER = f"{socket.gethostname()}:{os.getpid()}"
CLOCKS = {"sqlite": "(julianday('now') - 2440587.5) * 86400.0", "postgresql": "extract(epoch FROM clock_timestamp())"}


def database_now():
    """Seconds since 1970 as the database counts them, as an expression."""
    return literal_column(CLOCKS[db.engine.dialect.name])


def take(name, seconds):
    """Take or renew a lease; says whether it is ours. Commits."""
    if not db.session.scalar(select(Lease.id).where(Lease.name == name)):
        db.session.execute(insert(Lease).values(name=name, owner="", until=0))
    won = db.session.execute(
        update(Lease).where(Lease.name == name, or_(Lease.owner == OWNER, Lease.until < database_now()))
        .values(owner=OWNER, until=database_now() + seconds, fence=Lease.fence + 1)
        .execution_options(synchronize_session=False)).rowcount
    db.session.commit()
    return bool(won)


def age(name):
    """Seconds since a lease ran out; negative while it is held, None when nobody ever took it."""
    return db.session.scalar(select(database_now() - Lease.until).where(Lease.name == name))


def give_back(name):
    db.session.execute(update(Lease).where(Lease.name == name, Lease.owner == OWNER).values(until=0)
                       .execution_options(synchronize_session=False))
    db.session.commit()
