"""The one database handle and the one log-in manager, and how each connection to a database behaves."""

from contextlib import contextmanager
from contextvars import ContextVar

from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import BigInteger, Engine, Integer, MetaData, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from maestro.lib import turns
from maestro.lib.clock import now
from maestro.lib.columns import Moment

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table has: a number of its own and the time at which the row was made."""

    metadata = MetaData(naming_convention=NAMES)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    created_at: Mapped[object] = mapped_column(Moment, default=now)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
login = LoginManager()
csrf = CSRFProtect()

_reading = ContextVar("reading", default=False)


@contextmanager
def reading():
    """Transactions begun inside only read: on SQLite they do not wait for the one writer."""
    mark = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(mark)


@contextmanager
def others_writing():
    """Data is made while others go on writing: the session, in which nothing waits to be committed, only reads."""
    with reading():
        yield
        db.session.rollback()


def count(found):
    """How many rows a select finds."""
    return db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))


def set_reading(flag):
    """Say for the rest of this context whether it only reads (a request's GET does)."""
    _reading.set(flag)


@event.listens_for(Engine, "connect")
def prepare_connection(connection, _record):
    if isinstance(connection, turns.Connection):
        connection.isolation_level = None           # the driver must not begin transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON",
                       "temp_store=MEMORY", "cache_size=-16384", "secure_delete=ON"):    # erased is overwritten
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)
        connection.create_function("upper", 1, lambda text: text and str(text).upper(), deterministic=True)


@event.listens_for(Engine, "begin")
def begin(connection):
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, turns.Connection):
        return
    if not _reading.get():
        raw.queue()
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
