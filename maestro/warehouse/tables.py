"""The table of a dataset's people: made, altered and described here, the same on both databases.

Column names of marketers are checked against `NAME` and `RESERVED` and quoted by SQLAlchemy; nothing else of a
user's input ever becomes a part of a statement.
"""

import re
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.schema import CreateColumn, CreateSchema, DropTable

from maestro.extensions import db
from maestro.lib.columns import Moment, Word
from maestro.lib.errors import Refused
from maestro.models import MEMBERSHIPS

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
SYSTEM = ("id", "address", "address_key", "state", "how", "joined_at", "left_at", "left_by", "changed_at",
          "self_changed_at", "run_id", "epoch")
RESERVED = frozenset({*SYSTEM, "rowid", "oid", "tableoid", "xmin", "xmax", "cmin", "cmax", "ctid", "list", "lists",
                      "dataset", "seq", "number", "row", "n"})
TYPES = {"text": Text, "number": Double, "date": Date, "yesno": Boolean, "choice": Text, "choices": Text}
MOST_FIELDS = 500


def schema():
    return None if db.engine.dialect.name == "sqlite" else "warehouse"


def check_name(name):
    """Refuse a database name that is malformed or means something else already."""
    if not NAME.fullmatch(name):
        raise Refused("A database name has 1 to 31 small letters, digits or _ and begins with a letter.", "name")
    if name in RESERVED:
        raise Refused(f"“{name}” is a name that Maestro uses itself. Choose another.", "name")


def table(dataset, fields=None):
    """The SQLAlchemy table of this dataset's people, with a column for each of its fields."""
    fields = dataset.fields if fields is None else fields
    return described(dataset.id, schema(), tuple((field.name, field.type) for field in fields))


@lru_cache(maxsize=200)
def described(dataset_id, schema, fields):
    """Kept, because SQLAlchemy compiles a statement once for each table object."""
    own = [Column(name, TYPES[type]) for name, type in fields]
    name = f"dataset_{dataset_id}"
    return Table(
        name, MetaData(schema=schema),
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
        Column("address", String(320), nullable=False),
        Column("address_key", String(320), nullable=False),
        Column("state", Word(*MEMBERSHIPS), nullable=False),
        Column("how", String(20), nullable=False, server_default="user"),
        Column("joined_at", Moment, nullable=False),
        Column("left_at", Moment), Column("left_by", String(10)),
        Column("changed_at", Moment), Column("self_changed_at", Moment),
        Column("run_id", BigInteger),
        Column("epoch", SmallInteger, nullable=False, server_default=text("0")),
        *own,
        Index(f"uq_{name}_address_key", "address_key", unique=True),
        sqlite_autoincrement=True)


def create(dataset):
    """Make the table of a new dataset."""
    connection = db.session.connection()
    if schema():
        connection.execute(CreateSchema(schema(), if_not_exists=True))
    table(dataset, []).create(connection)


def add_column(dataset, field, formula=None):
    """Give the dataset's table the column of a new field. `formula`: an expression by which the database keeps it."""
    people = table(dataset, [field])
    column = f"{CreateColumn(people.c[field.name]).compile(dialect=db.engine.dialect)}"
    if formula is not None:
        kept = "VIRTUAL" if schema() is None else "STORED"          # SQLite adds virtual ones only
        column += f" GENERATED ALWAYS AS ({plain(formula)}) {kept}"
    name = db.engine.dialect.identifier_preparer.format_table(people)
    db.session.connection().exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {column}")  # noqa: S608 - names are checked


def plain(expression):
    """An expression as text without parameters: its values are written into it, quoted by SQLAlchemy."""
    options = {"literal_binds": True, "include_table": False}
    return expression.compile(dialect=db.engine.dialect, compile_kwargs=options)


def drop_column(dataset, field):
    """Take a field's column and all its values away."""
    people = table(dataset, [field])
    prepare = db.engine.dialect.identifier_preparer
    connection = db.session.connection()
    index = Index(f"ix_{people.name}_{field.name}", people.c[field.name])
    index.drop(connection, checkfirst=True)
    connection.exec_driver_sql(f"ALTER TABLE {prepare.format_table(people)} DROP COLUMN {prepare.quote(field.name)}")


def lock(dataset):
    """Let nobody else read or write the people until the end of the transaction; on SQLite nobody writes anyway."""
    if schema():
        name = db.engine.dialect.identifier_preparer.format_table(table(dataset, []))
        db.session.connection().exec_driver_sql(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")


def drop(dataset):
    db.session.connection().execute(DropTable(table(dataset, []), if_exists=True))
