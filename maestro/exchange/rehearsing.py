"""A write-back tried: what its next changes would do over there, all of which is taken back."""

from typing import NamedTuple

from maestro.exchange import connections, writing
from maestro.exchange.other_side import Side
from maestro.lib.errors import MaestroError
from maestro.lib.foreign import reading as foreign


class Line(NamedTuple):
    """A change that matters over there: whom it is about, its statement, and the conflicts that were found."""

    address: str
    statement: str
    conflicts: list


class Rehearsal(NamedTuple):
    """`lines` went well; `problem` is of `failed`, the next one, or of the whole, as when nobody answers there."""

    lines: list
    changes: int
    problem: str
    failed: Line | None


def rehearse(writeback):
    """Try the next batch, on or off."""
    place, accepted = connections.place(writeback.connection), connections.accepted(writeback.connection)
    deeds = writing.gather(writeback, writeback.cursor)
    try:
        with foreign.opened(place, writing.SECONDS, accepted, writing=True) as (driver, there):
            done, conflicts, problem = writing.attempt(writeback, Side(place, driver, there), deeds)
            there.rollback()
    except MaestroError as refusal:
        return Rehearsal([], 0, refusal.sentence, None)
    lines = [line(deed, conflicts) for deed in deeds[:done + 1] if deed.statement]
    failed = lines.pop() if problem else None
    return Rehearsal(lines, done, problem, failed)


def line(deed, conflicts):
    mine = [conflict for conflict in conflicts if conflict["change_id"] == deed.entry.id]
    return Line(deed.entry.address, deed.statement, mine)
