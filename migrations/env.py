"""Alembic's entry: migrations run on the connection that `maestro/migrations.py` hands over."""

from alembic import context

from maestro import models  # noqa: F401 - fills the metadata
from maestro.extensions import Base
from maestro.lib.columns import Moment, Word


def ours(name, type_, parent):
    """Datasets' tables and the ledger's partitions are made at run time; Alembic leaves them alone."""
    return type_ != "table" or name in Base.metadata.tables


def plainly(kind, thing, autogen):
    """Migrations name plain SQL types, so that they stand when our column types change."""
    return PLAIN.get(type(thing), False) if kind == "type" else False


def differs(_context, _inspected, meant, _found, wanted, _rendered):
    """A column that came later keeps the default that filled the rows of before it; else defaults are compared."""
    return None if wanted is not None or meant.server_default is not None else False


PLAIN = {Moment: "sa.DateTime(timezone=True)", Word: "sa.SmallInteger()"}
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, include_name=ours, render_item=plainly,
                  compare_server_default=differs, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
