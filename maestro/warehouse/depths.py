"""The depths of a long table: where every 10,000th row stands is kept, so that no page is counted off from an end.

What is kept holds for a minute, as long as no more than a few changes happen. Those move what a page far inside begins
with by as many places.
"""

from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import func, literal, select, text, tuple_

from maestro.extensions import count, db
from maestro.lib import clock
from maestro.models import Change

STEP = 10_000                                      # rows that are counted off at most
AGE, FEW = 60, 50                                  # seconds, and lines of the change log, until marks are made anew
ORDERLY = text("SELECT set_config('enable_sort', :word, true), set_config('enable_hashjoin', :word, true)")
kept: dict[tuple, "Marks"] = {}


class Marks(NamedTuple):
    """The sort keys of the rows at places 10,000, 20,000 and so on, as far as somebody has looked by now."""

    keys: list
    change: int
    at: object

    def hold(self, change):
        return change - self.change <= FEW and (clock.now() - self.at).total_seconds() <= AGE


def ids(table, chosen, columns, down, skip, take):
    """The ids from place `skip` on of what `chosen` selects, in the order of `columns`: (key, id) or id.

    `table`: what tells this select and order from others; None where no index has that order.
    """
    pieces = [chosen]
    if table and skip >= STEP:
        number, pieces = nearest((db.engine.url, *table, down), chosen, columns, down, skip // STEP)
        skip -= number * STEP
    return [row[-1] for row in walk(pieces, columns, down, skip, take)]


def nearest(place, chosen, columns, down, number):
    """(n, pieces from there on) of mark `number`, or of the last that there is; those on the way to it are made."""
    last = db.session.scalar(select(func.coalesce(func.max(Change.id), 0)))
    for other in [other for other, marks in list(kept.items()) if not marks.hold(last)]:
        kept.pop(other, None)                      # they name people
    marks = kept.get(place) or Marks([], last, clock.now())
    keys = list(marks.keys)
    if len(keys) < number:
        with in_order():
            while len(keys) < number and (found := walk(beyond(chosen, columns, down, keys), columns, down, STEP, 1)):
                keys.append(found[0])
        kept[place] = marks._replace(keys=keys)
    number = min(number, len(keys))
    return number, beyond(chosen, columns, down, keys[:number])


def beyond(chosen, columns, down, keys):
    """The rows from the last of some marks on, itself too: in pieces of which each is a stretch of an index."""
    return BEYOND[db.engine.dialect.name](chosen, columns, down, keys[-1]) if keys else [chosen]


def on_postgresql(chosen, columns, down, mark):
    here, there = tuple_(*columns), tuple_(*mark, types=[column.type for column in columns])
    return [chosen.where(here <= there if down else here >= there)]


def on_sqlite(chosen, columns, down, mark):
    """Of a comparison of (key, id) its indexes serve the key alone, which many may have."""
    id, of = columns[-1], mark[-1]
    on = chosen.where(id <= of if down else id >= of)
    if len(columns) == 1:
        return [on]
    key, value = columns[0], literal(mark[0], columns[0].type)
    return [on.where(key == value), chosen.where(key < value if down else key > value)]


BEYOND = {"postgresql": on_postgresql, "sqlite": on_sqlite}


def walk(pieces, columns, down, skip, take):
    """The columns of the rows from place `skip` on, of pieces that follow each other."""
    found, order = [], [column.desc() if down else column.asc() for column in columns]
    for piece in pieces:
        ordered = piece.with_only_columns(*columns).order_by(*order)
        rows = db.session.execute(ordered.offset(skip).limit(take - len(found))).all()
        skip = 0 if rows else skip - count(piece.limit(skip))
        found += map(tuple, rows)
        if len(found) == take:
            break
    return found


@contextmanager
def in_order():
    """PostgreSQL goes through an index, as it is read in order: to sort everything for each mark takes much longer."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(ORDERLY, {"word": "off"})
    yield
    if db.engine.dialect.name == "postgresql":
        db.session.execute(ORDERLY, {"word": "on"})
