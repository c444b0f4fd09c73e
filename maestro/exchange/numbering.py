"""Numbers for new people on SQLite: a stretch of the dataset's counter that nobody else will get."""

from sqlalchemy import func, select, text

from maestro.exchange.expressions import is_sqlite
from maestro.exchange.staging import INSERT
from maestro.extensions import db
from maestro.warehouse import tables

MOVE = "UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :name"


def number_new(run, staging):
    """Give the new people of a plan their numbers; on PostgreSQL the plan has them from the sequence."""
    if not is_sqlite():
        return
    plan, name = staging.plan.c, tables.table(run.dataset).name
    with staging.work() as connection:
        most = connection.scalar(select(func.max(plan._n)).where(plan._person == INSERT))
    if most:
        with db.engine.begin() as connection:
            base = reserve(connection, name, most)
        with staging.work() as connection:
            connection.execute(staging.plan.update().where(plan._person == INSERT).values(_member=base + plan._n))


def reserve(connection, name, count):
    """Move the counter of an AUTOINCREMENT table (its row in sqlite_sequence) on; returns where it stood."""
    base = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name})
    if base is None:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, 0)"), {"name": name})
    connection.execute(text(MOVE), {"count": count, "name": name})
    return base or 0
