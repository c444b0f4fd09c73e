"""Column types that say more than SQL does."""

from datetime import UTC

from sqlalchemy import BigInteger, DateTime, Integer, SmallInteger, text
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer(), "sqlite")      # SQLite numbers rows by themselves only as INTEGER


def rows(where):
    """Options of an index that knows only those rows of a table of which the SQL condition `where` is true."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


class Moment(TypeDecorator):
    """A time in UTC. Python always sees it with its zone; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Word(TypeDecorator):
    """One word of a fixed row of words, stored as its place in that row: small, and updated in place."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, *words):
        super().__init__()
        self.words = words

    def process_bind_param(self, value, dialect):
        return None if value is None else self.words.index(value)

    def process_result_value(self, value, dialect):
        return None if value is None else self.words[value]
