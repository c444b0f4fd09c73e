"""Reading another database: one question, streamed, within limits, and rolled back whatever happens."""

from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import NamedTuple

import polars as pl

from maestro.lib import clock
from maestro.lib.errors import MaestroError, Refused
from maestro.lib.foreign import copying, mssql, mysql, oracle, postgres, query, sqlite
from maestro.lib.foreign.breaking import Breaker
from maestro.lib.foreign.place import BATCH
from maestro.lib.foreign.texts import texts
from maestro.lib.tabular.batch import names

KINDS = {"postgresql": postgres, "mysql": mysql, "sqlite": sqlite, "mssql": mssql, "oracle": oracle}
LABELS = {"postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB", "sqlite": "SQLite file",
          "mssql": "Microsoft SQL Server (not tried live)", "oracle": "Oracle (not tried live)"}
SECONDS = 1800                   # of a whole import
SECONDS_OF_LOOK = 15             # of a query in the editor
ROWS, BYTES = 5_000_000, 1_000_000_000
CLOSED = ("This account can do more than read and write tables. Use one that may only SELECT, or let an administrator "
          "accept the risk in the connection's settings.")


class Look(NamedTuple):
    """The first rows of a query: names, types and texts, the seconds it took, and whether there are more."""

    columns: list
    types: list
    rows: list
    seconds: float
    more: bool


@contextmanager
def opened(place, seconds=SECONDS, accepted=False, writing=False):
    """(driver, connection); what the other side refuses becomes a sentence.

    `accepted`: an administrator answers for an account with dangerous rights.
    """
    driver = KINDS[place.kind]
    try:
        with driver.opened(place, seconds, writing) as connection:
            driver.refuse_unsafe(place, connection)
            if driver.is_ours(place, connection):
                raise Refused("This is a database of Maestro itself. It cannot be a source.", "database")
            if not accepted and driver.rights(connection).dangers:
                raise Refused(CLOSED, "accepted")
            yield driver, connection
    except MaestroError:
        raise
    except (driver.Error, OSError, ValueError) as problem:
        raise Refused(said(place, problem), "query") from None


def said(place, problem):
    words = problem.args[-1] if problem.args and isinstance(problem.args[-1], str) else problem
    return f"The database says: {place.scrubbed(words)}"


@contextmanager
def asked(place, question, seconds=SECONDS, accepted=False, breaker=None, whole=True):
    """(columns, types, iterator over frames of texts) of a query, which `breaker` can break off.

    `whole`: everything is wanted, as soon as possible; else the first rows are.
    """
    question, breaker = query.check(question), breaker or Breaker()
    with opened(place, seconds, accepted) as (driver, connection), breaker.around(
            partial(driver.stop, place, connection)):
        columns, types, cursor = driver.ask(connection, question)
        known = postgres.forms(connection) if driver is postgres else {}
        forms = [known.get(type) for type in types]
        frames = copying.frames(connection, question, forms) if whole and all(forms) else fetched(cursor, forms)
        try:
            with closing(frames):
                yield columns, types, limited(frames)
        finally:
            with suppress(Exception):              # it is rolled back and closed in any case
                cursor.close()


def fetched(cursor, forms):
    """The rows of a cursor as frames of texts. Where there is a form for a column, its values are what it reads."""
    while found := cursor.fetchmany(BATCH):
        columns = zip(names(len(forms)), zip(*found, strict=True), forms, strict=True)
        yield pl.DataFrame([form(pl.Series(name, values, pl.String)) if form else texts(name, values)
                            for name, values, form in columns])


def limited(frames):
    """These frames until the limits of an import are reached."""
    rows = size = 0
    for frame in frames:
        rows, size = rows + frame.height, size + frame.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item()
        if rows > ROWS or size > BYTES:
            raise Refused(f"The query answers with more than {ROWS:,} rows or {BYTES:,} bytes.", "query")
        yield frame


def look(place, question, rows=20, accepted=False):
    """The first rows of a query, as the editor shows them."""
    started = clock.monotonic()
    with asked(place, question, SECONDS_OF_LOOK, accepted, whole=False) as (columns, types, pages):
        page = next(pages, pl.DataFrame())
        took = clock.monotonic() - started
    return Look(columns, types, page.head(rows).rows(), took, page.height > rows)


def test(place):
    """(rights, seconds) of an account, dangerous or not."""
    started = clock.monotonic()
    with opened(place, SECONDS_OF_LOOK, accepted=True) as (driver, connection):
        return driver.rights(connection), clock.monotonic() - started


def prepared(place, statement):
    """A statement with its parameters as the driver of a place writes them."""
    return query.rewritten(statement, KINDS[place.kind].MARK)
