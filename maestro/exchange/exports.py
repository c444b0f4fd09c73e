"""People out: a list or a dataset as CSV or JSON lines, read page by page so that nothing waits for it."""

import time

from sqlalchemy import and_, select

from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.errors import NotNow
from maestro.lib.tabular.write import csv_bytes, json_lines
from maestro.models import Dataset, Subscription
from maestro.warehouse import fields, tables

PAGE = 5000                      # people in one short transaction
PATIENCE = 25                    # seconds to wait for an import that is being applied


def export(dataset, list, format, guard=False):
    """The confirmed people as pieces of bytes. `guard` makes a CSV safe for spreadsheets."""
    wait_for_import(dataset)
    shown = fields.of(dataset, list)
    header = ["address", *(field.name for field in shown)]
    rows = people(dataset, list, shown)
    if format == "jsonl":
        return json_lines(header, ((address, *(plain(value) for value in values)) for address, *values in rows))
    return csv_bytes(header, (texts(shown, row) for row in rows), guard)


def texts(shown, row):
    address, *values = row
    return [address, *(fields.show(field, value) for field, value in zip(shown, values, strict=True))]


def wait_for_import(dataset):
    """Half an import is shown to nobody."""
    ends = clock.monotonic() + PATIENCE
    while busy(dataset):
        if clock.monotonic() > ends:
            raise NotNow("An import is changing these people right now. Try again in a minute.")
        time.sleep(0.2)


def busy(dataset):
    with db.engine.connect() as connection, reading():
        return connection.scalar(select(Dataset.busy_run_id).where(Dataset.id == dataset.id))


def people(dataset, list, shown):
    """(address, value, ...) of everybody confirmed, in the order of their numbers."""
    table, last = tables.table(dataset), 0
    chosen = select(table.c.id, table.c.address, *(table.c[field.name] for field in shown))
    chosen = chosen.order_by(table.c.id).limit(PAGE)
    if list:
        chosen = chosen.join(Subscription, and_(
            Subscription.member_id == table.c.id, Subscription.list_id == list.id, Subscription.state == "confirmed"))
    else:
        chosen = chosen.where(table.c.state == "confirmed")
    while page := read(chosen.where(table.c.id > last)):
        yield from (row[1:] for row in page)
        last = page[-1][0]


def read(statement):
    with reading(), db.engine.connect() as connection:
        return connection.execute(statement).all()


def plain(value):
    """A value as JSON has it; dates become ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value
