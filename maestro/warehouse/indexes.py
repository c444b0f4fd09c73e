"""Indexes that keep the people table quick in a big dataset. Small ones do without, so that imports stay quick.

A worker makes them, when somebody first looks: for what the table shows, and for each other column when it is first
sorted by. On PostgreSQL nobody waits for it; on SQLite other writers do, for a second or two in a million people.
"""

from sqlalchemy import Index, MetaData, collate, func, literal_column, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.ddl import CreateIndex, DropIndex
from sqlalchemy.types import Text

from maestro import background, leases
from maestro.background import task
from maestro.extensions import db
from maestro.lib.folding import folded
from maestro.lib.operators import TEXTS
from maestro.models import Dataset
from maestro.warehouse import pieces, tables

BIG = 20_000                                       # people: with fewer, every question is quick enough as it is
SHOWN = 8                                          # fields that the people table has columns for
LONGEST = 900                                      # seconds that making indexes may take
COLLATIONS = {"sqlite": "NOCASE", "postgresql": "und-x-icu"}       # texts are sorted as people do
EXISTING = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE tbl_name IN (:name, :name || '_pieces')"),
    "postgresql": text("SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid "
                       "WHERE indisvalid AND indrelid = to_regclass('warehouse.' || :name)"),
}


def sort_key(people, name):
    """What the table is sorted by when it is sorted by the column `name`."""
    column = people.c["address_key" if name == "address" else name]
    if not isinstance(column.type, Text):
        return column
    if db.engine.dialect.name == "postgresql":     # whose indexes refuse a row with more than 2,704 bytes of keys
        column = func.left(column, literal_column("200"))
    return collate(column, COLLATIONS[db.engine.dialect.name])


def existing(people):
    """The names of the indexes that are there and whole."""
    return set(db.session.scalars(EXISTING[db.engine.dialect.name], {"name": people.name}))


def ask(dataset, sort):
    """Have made what is missing for a table sorted by `sort`. Costs one look into the catalogue."""
    people = tables.table(dataset)
    if {index.name for index in wanted(dataset, people, sort)} - existing(people):
        background.ring(build, dataset.id, sort)


def wanted(dataset, people, sort):
    """The indexes of a big dataset; to be used and thrown away.

    State stands last: it is looked at without going to the row, and tempts no plan to begin with it.
    """
    people = people.to_metadata(MetaData(schema=people.schema))
    names = ["address", "joined_at", *(field.name for field in dataset.fields[:SHOWN]), sort]
    for name in dict.fromkeys(names):
        yield Index(f"ix_{people.name}_{name}", sort_key(people, name), people.c.id, people.c.state, **apart())
    yield from SEARCH[db.engine.dialect.name](dataset, people)


def apart():
    """Nobody waits while PostgreSQL makes the index."""
    return {"postgresql_concurrently": True}


def of_pieces(dataset, people):
    """PostgreSQL: the three-letter pieces of each text."""
    texts = {field.name: folded(people.c[field.name]) for field in dataset.fields if field.type in TEXTS}
    for name, value in ({"address_key": people.c.address_key} | texts).items():
        yield Index(f"gin_{people.name}_{name}", value.label("piece"), postgresql_using="gin",
                    postgresql_ops={"piece": "gin_trgm_ops"}, **apart())


def in_a_table(_dataset, people):
    """SQLite: the table of pieces stands for an index."""
    yield Index(pieces.name(people), people.c.id)


SEARCH = {"postgresql": of_pieces, "sqlite": in_a_table}


@task("other")
def build(dataset_id, sort):
    """Make the indexes that a big dataset lacks."""
    dataset = db.session.get(Dataset, dataset_id)
    lease = f"indexes of {dataset_id}"
    if not dataset or not leases.take(lease, LONGEST):
        return
    try:
        people = tables.table(dataset)
        there = existing(people)
        lacking = [index for index in wanted(dataset, people, sort) if index.name not in there]
        db.session.commit()
        MAKE[db.engine.dialect.name](dataset, lacking)
    finally:
        db.session.rollback()
        leases.give_back(lease)


def make_on_sqlite(dataset, lacking):
    for index in lacking:
        if index.name == pieces.name(tables.table(dataset)):
            pieces.fill(dataset)
        else:
            db.session.execute(CreateIndex(index, if_not_exists=True))
            db.session.execute(text(f"ANALYZE {index.name}"))          # with the index, whose coming others notice
            db.session.commit()


def make_on_postgresql(dataset, lacking):
    """Each by itself. What a crash left half made is taken away first."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        has_pieces = can_have_pieces(connection)
        for index in lacking:
            if has_pieces or not index.name.startswith("gin_"):
                connection.execute(DropIndex(index, if_exists=True))
                connection.execute(CreateIndex(index))
        name = db.engine.dialect.identifier_preparer.format_table(tables.table(dataset))
        connection.exec_driver_sql(f"VACUUM (ANALYZE) {name}")


def can_have_pieces(connection):
    """Whether this database may have the extension; its owner can add it where it is installed."""
    try:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError:
        return False
    return True


MAKE = {"sqlite": make_on_sqlite, "postgresql": make_on_postgresql}
