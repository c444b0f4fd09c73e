"""The place where a run lays out what it read and what it found, beside the tables that people use.

PostgreSQL: unlogged tables in the schema of the datasets. SQLite: a file of its own beside the stored source, attached
to the connection, so that reading and checking never hold up those who write to the database. Names of our own begin
with an underscore, which no field's name does.
"""

from contextlib import contextmanager

from sqlalchemy import BigInteger, Boolean, Column, Identity, Integer, MetaData, SmallInteger, Table, Text, false, null
from sqlalchemy.schema import CreateSchema, DropTable

from maestro.exchange import sources
from maestro.extensions import db, reading
from maestro.lib.columns import Moment
from maestro.warehouse import tables

ENDING = ".stage"
PRAGMAS = ("work.journal_mode=TRUNCATE", "work.synchronous=OFF")      # lost with the machine, it is read again
NONE, INSERT, REVIVE, UPDATE, REMOVE, SEEN = range(6)                 # what is done to a person, or to a place
KINDS = ("added", "changed", "removed", "protected", "seen")          # how a planned row is told; `seen` is not
Row = BigInteger().with_variant(Integer(), "sqlite")


class Staging:
    """The tables of one run: `stage` (what was read), `same` (who was passed over, for the source says the same of him
    as last time), `plan` (what will be done), `rejects` (what cannot be used)."""

    def __init__(self, run):
        self.storage = run.storage
        self.schema = tables.schema() or "work"
        self.metadata = MetaData(schema=self.schema)
        self.fields = [field for field in run.dataset.fields if field.name in filled(run)]
        self.key_field = key_field(run)
        self.stage = self.table(
            f"stage_{run.id}", numbered("_line"), Column("_hash", BigInteger), *self.values("address", "address_key"),
            Column("_new", Text), Column("_new_key", Text))
        self.same = self.table(f"same_{run.id}", numbered("_member"), Column("_hash", BigInteger))
        self.plan = self.table(
            f"plan_{run.id}", numbered("_n", always=True), Column("_line", Row), Column("_kind", SmallInteger),
            Column("_person", SmallInteger), Column("_place", SmallInteger), Column("_member", Row),
            Column("_was", SmallInteger), Column("_changed_at", Moment), Column("_place_was", SmallInteger),
            Column("_shared", Text), Column("_own", Text), Column("_why", Text), Column("_new", Text),
            Column("_new_key", Text),
            Column("_stale", Boolean, nullable=False, server_default=false()), *self.values("address", "address_key"))
        self.rejects = self.table(
            f"rejects_{run.id}", Column("_line", Row), Column("_field", Text), Column("_value", Text),
            Column("_why", Text), Column("_key", Text), Column("_id", self.type_of_key()), Column("_late", Boolean))

    def table(self, name, *columns):
        return Table(name, self.metadata, *columns, prefixes=["UNLOGGED"] if self.schema != "work" else [])

    def values(self, *texts):
        typed = (Column(field.name, tables.TYPES[field.type]) for field in self.fields)
        return [*(Column(name, Text) for name in texts), *typed]

    def type_of_key(self):
        return next((tables.TYPES[field.type] for field in self.fields if field.name == self.key_field), Text)

    def identity(self, columns):
        """The value of the unique key by which this import recognises people, where it does."""
        return columns[self.key_field] if self.key_field else null()

    @contextmanager
    def opened(self):
        """A connection on which these tables can be reached; the caller begins its transactions."""
        with db.engine.connect() as connection:
            if self.schema != "work":
                yield connection
                return
            raw = connection.connection.dbapi_connection
            raw.execute("ATTACH ? AS work", (str(sources.path(self.storage, ENDING)),))
            try:
                for pragma in PRAGMAS:
                    raw.execute(f"PRAGMA {pragma}")
                yield connection
            finally:
                connection.rollback()
                raw.execute("DETACH work")

    @contextmanager
    def work(self):
        """A transaction that reads the database and writes to these tables only."""
        with self.opened() as connection, reading(), connection.begin():
            yield connection

    def create(self):
        """Make empty tables, whatever an earlier attempt left."""
        self.drop()
        with self.work() as connection:
            if self.schema != "work":
                connection.execute(CreateSchema(self.schema, if_not_exists=True))
            self.metadata.create_all(connection, checkfirst=False)

    def renew_plan(self, connection):
        """An empty plan, and no rejects that an earlier check added."""
        connection.execute(DropTable(self.plan, if_exists=True))
        self.plan.create(connection)
        connection.execute(self.rejects.delete().where(self.rejects.c._late))

    def drop(self):
        """Remove the tables. A process that still writes to a removed file harms nobody."""
        if self.schema == "work":
            for ending in (ENDING, f"{ENDING}-journal"):
                sources.path(self.storage, ending).unlink(missing_ok=True)
            return
        with self.work() as connection:
            for table in (self.stage, self.same, self.plan, self.rejects):
                connection.execute(DropTable(table, if_exists=True))


def key_field(run):
    """The name of the field by which this import recognises people, or None."""
    name = run.options.get("key")
    return name if name and name == run.dataset.key_field and name in filled(run) else None


def filled(run):
    """The names of what an import fills: from a column, or with one value for all."""
    constant = {name for name, steps in run.options.get("change", {}).items() if "constant" in steps}
    return {*run.mapping, *constant}


def numbered(name, always=False):
    """A column of row numbers: the primary key on SQLite, where that is free, and without an index elsewhere."""
    if tables.schema() is None:
        return Column(name, Integer, primary_key=True)
    return Column(name, BigInteger, Identity()) if always else Column(name, BigInteger)
