"""Expressions that the two kinds of database write differently."""

from sqlalchemy import SmallInteger, case, cast, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from maestro.extensions import db


def small(value):
    return cast(literal(value), SmallInteger)


def is_sqlite():
    return db.engine.dialect.name == "sqlite"


def plain(field, value):
    """A value as an argument of a JSON function; SQLite has to be told that it is a truth value."""
    if field.type == "yesno" and is_sqlite():
        return func.json(case((value.is_(None), "null"), (value, "true"), else_="false"))
    return value


def has_key(changes, name):
    if is_sqlite():
        return func.json_type(changes, f'$."{name}"').is_not(None)
    return cast(changes, JSONB).has_key(name)


def analyse(connection, table, column):
    """Let PostgreSQL know how large a table is, and what its joins will meet."""
    if not is_sqlite():
        connection.exec_driver_sql(f'ANALYZE "{table.schema}"."{table.name}" ("{column}")')
