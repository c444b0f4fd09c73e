"""One change and the other database: which statement it asks for, and its values."""

import json
from typing import NamedTuple

from sqlalchemy import select

from maestro.exchange import conflicting, connections
from maestro.exchange.compare import PRESENT
from maestro.extensions import db
from maestro.models import Change, ImportRun, Subscription
from maestro.warehouse import fields, tables

CODES = {"ADD": "join", "DEL": "leave", "CHG": "address", "UPD": "profile"}


class Deed(NamedTuple):
    """A change as it is written back. `statement` is "" for one that does not matter over there."""

    seq: int
    statement: str
    values: dict
    changes: dict
    entry: object


def deed(writeback, entry):
    """What an entry of the change log asks for."""
    statement = wanted(writeback, entry)
    row = person(writeback, entry) if statement else None
    if not statement or (row is None and statement not in ("leave", "address")):      # who left may be gone altogether
        return Deed(entry.seq, "", {}, {}, entry)
    values = {field.name: given(row and row[field.name]) for field in fields.of(writeback.dataset, writeback.list)}
    facts = {"address": entry.address, "old_address": entry.old_address, "member_id": entry.member_id,
             "dataset_id": entry.dataset_id, "list_id": writeback.list_id, "seq": entry.seq,
             "changed_at": entry.created_at.replace(tzinfo=None), "cause": entry.cause}
    return Deed(entry.seq, statement, values | facts, json.loads(entry.changes or "{}"), entry)


def wanted(writeback, entry):
    """The name of the statement, "" when none is needed: other lists, other levels, and what came from there."""
    name = CODES.get(entry.code, "")
    if name not in writeback.statements or comes_from_there(writeback, entry):
        return ""
    if name in ("join", "leave"):
        mine = ("L", writeback.list_id) if writeback.list_id else ("D", None)
        return name if (entry.level, entry.list_id) == mine else ""
    if entry.level == "L" and entry.list_id != writeback.list_id:
        return ""
    if not writeback.list_id:
        return name
    return name if (is_known_to if name == "address" else is_on)(writeback.list_id, entry) else ""


def comes_from_there(writeback, entry):
    """Whether an import from the same source made the change: it is not echoed."""
    if entry.cause != "importer" or not entry.run_id:
        return False
    source = db.session.scalar(select(ImportRun.source).where(ImportRun.id == entry.run_id))
    return bool(source) and connections.source_of(source) == connections.whereabouts(writeback.connection)


def is_on(list_id, entry):
    return db.session.scalar(place(list_id, entry).where(Subscription.state.in_(PRESENT))) is not None


def is_known_to(list_id, entry):
    """Whether the person was ever on the list: who has left, or is gone, is known over there all the same."""
    told = select(Change.id).where(Change.dataset_id == entry.dataset_id, Change.member_id == entry.member_id,
                                   Change.list_id == list_id).limit(1)
    return any(db.session.scalar(found) is not None for found in (place(list_id, entry), told))


def place(list_id, entry):
    return select(Subscription.id).where(Subscription.list_id == list_id, Subscription.member_id == entry.member_id)


def person(writeback, entry):
    people = tables.table(writeback.dataset)
    return db.session.execute(select(people).where(people.c.id == entry.member_id)).mappings().first()


def given(value):
    """A value as drivers take it: whole numbers without a fraction."""
    return int(value) if isinstance(value, float) and value == int(value) else value


def perform(writeback, side, deed):
    """Do it over there; answers with the conflicts, as values of their rows."""
    if not deed.statement:
        return []
    values, conflicts = deed.values, []
    if deed.statement in conflicting.SETTLED and "look" in writeback.statements:
        there = side.look_up(writeback.statements["look"], values)
        if there:
            values, conflicts = conflicting.SETTLED[deed.statement](writeback, deed, there)
            if conflicts and conflicting.lost(conflicts) >= (deed.changes.keys() or {"address"}):
                return conflicts
    side.execute(writeback.statements[deed.statement], values)
    return conflicts
