"""People out: a list, a dataset or a part of it, seen at one moment, so that half an import is shown to nobody."""

import time
from typing import NamedTuple

from sqlalchemy import and_, select, true

from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.errors import NotNow
from maestro.lib.tabular.book import book_bytes
from maestro.lib.tabular.write import csv_bytes, json_lines
from maestro.models import Dataset, Subscription
from maestro.warehouse import fields, tables

PAGE = 5000                      # people fetched at once
PATIENCE = 25                    # seconds to wait for an import that is being applied
FORMATS = ("csv", "xlsx", "jsonl")
BESIDE = ("joined_at",)          # columns that are no fields; the address is always offered


class Wanted(NamedTuple):
    """What is to be exported. No `columns`: the address and every field. `meant` narrows a table of people in SQL."""

    dataset: Dataset
    list: object = None
    format: str = "csv"
    guard: bool = False
    columns: tuple = ()
    meant: object = None
    encoding: str = "utf-8"
    separator: str = ","


def export(dataset, list, format, guard=False):
    """The confirmed people as pieces of bytes. `guard` makes a CSV safe for spreadsheets."""
    return written(Wanted(dataset, list, format, guard))


def written(wanted):
    """The pieces of an export. Raises NotNow at once while an import is being applied for too long."""
    names = chosen(wanted)
    return WRITERS[wanted.format](wanted, names, people(wanted, names, snapshot(wanted.dataset)))


def chosen(wanted):
    """The names of the columns in their order; fields that are gone are left out."""
    there = offered(wanted.dataset, wanted.list)
    every = ["address", *(field.name for field in fields.of(wanted.dataset, wanted.list))]
    return [name for name in wanted.columns if name in there] or every


def offered(dataset, list):
    """Every column that an export can have."""
    return ["address", *(field.name for field in fields.of(dataset, list)), *BESIDE]


def snapshot(dataset):
    """A connection that goes on seeing this moment, in which no import is half done."""
    ends = clock.monotonic() + PATIENCE
    while True:
        connection = open_snapshot()
        if not connection.scalar(select(Dataset.busy_run_id).where(Dataset.id == dataset.id)):
            return connection
        connection.close()
        if clock.monotonic() > ends:
            raise NotNow("An import is changing these people right now. Try again in a minute.")
        time.sleep(0.2)


def open_snapshot():
    """SQLite's transactions see one moment anyway."""
    options = {} if tables.schema() is None else {"isolation_level": "REPEATABLE READ"}
    connection = db.engine.connect().execution_options(**options)
    with reading():
        connection.begin()
    return connection


def people(wanted, names, connection):
    """Rows of the named columns of everybody confirmed, in the order of their numbers."""
    table = tables.table(wanted.dataset)
    found = select(*(table.c[name] for name in names)).order_by(table.c.id)
    if wanted.list:
        found = found.join(Subscription, and_(
            Subscription.member_id == table.c.id, Subscription.list_id == wanted.list.id,
            Subscription.state == "confirmed"))
    else:
        found = found.where(table.c.state == "confirmed")
    found = found.where(true() if wanted.meant is None else wanted.meant(table))
    with connection:
        yield from connection.execution_options(yield_per=PAGE).execute(found)


def texts(wanted, names, rows):
    """The same with every value as text."""
    known = {field.name: field for field in wanted.dataset.fields}
    shown = [shower(known.get(name)) for name in names]
    return ([show(value) for show, value in zip(shown, row, strict=True)] for row in rows)


def shower(field):
    return (lambda value: fields.show(field, value)) if field else plain_text


def plain_text(value):
    return "" if value is None else str(plain(value))


def plain(value):
    """A value as JSON has it; dates and times become ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def as_csv(wanted, names, rows):
    return csv_bytes(names, texts(wanted, names, rows), wanted.guard, wanted.separator, wanted.encoding)


def as_lines(wanted, names, rows):
    return json_lines(names, ([plain(value) for value in row] for row in rows))


def as_book(wanted, names, rows):
    return book_bytes(names, rows)


WRITERS = {"csv": as_csv, "xlsx": as_book, "jsonl": as_lines}
