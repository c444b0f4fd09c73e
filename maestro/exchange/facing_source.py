"""One change and the other database: which statement it asks for, its values, and who wins where both changed."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select

from maestro.exchange import connections
from maestro.exchange.compare import PRESENT
from maestro.extensions import db, reading
from maestro.lib.errors import Refused
from maestro.lib.foreign.texts import text
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
    if deed.statement in SETTLED and "look" in writeback.statements:
        there = side.look_up(writeback.statements["look"], values)
        if there:
            values, conflicts = SETTLED[deed.statement](writeback, deed, there)
            if conflicts and lost(conflicts) >= (deed.changes.keys() or {"address"}):
                return conflicts
    side.execute(writeback.statements[deed.statement], values)
    return conflicts


def lost(conflicts):
    return {conflict["field"] for conflict in conflicts if conflict["winner"] == "source"}


def settled(writeback, deed, there):
    """(values to write, conflicts): fields that we did not change keep what stands there, and so do lost ones."""
    known = {field.name: field for field in fields.of(writeback.dataset, writeback.list)}
    values, conflicts = dict(deed.values), []
    for name, field in known.items():
        if name not in there:
            continue
        if name not in deed.changes:
            values[name] = there[name]
        elif conflict := clash(writeback, deed, field, there):
            conflicts.append(conflict)
            if conflict["winner"] == "source":
                values[name] = there[name]
    return values, conflicts


def settled_address(writeback, deed, there):
    """The same of a new address, where the look finds people by something else and answers with their `address`."""
    entry, theirs = deed.entry, there.get("address")
    known = {entry.old_address, entry.address, *addresses_later(entry)}
    if theirs is None or theirs.lower() in {address.lower() for address in known}:
        return deed.values, []
    return deed.values, [conflict(writeback, entry, there, "address", entry.old_address, entry.address, theirs)]


SETTLED = {"profile": settled, "address": settled_address}


def clash(writeback, deed, field, there):
    """Both sides changed the field since they last agreed: the conflict, or None."""
    before, ours = (shown(field, value) for value in deed.changes[field.name])
    theirs = shown(field, text(there[field.name]))
    if theirs in (before, ours) or theirs in said_later(deed.entry, field):
        return None
    return conflict(writeback, deed.entry, there, field.name, before, ours, theirs)


def conflict(writeback, entry, there, field, before, ours, theirs):
    return {"change_id": entry.id, "member_id": entry.member_id, "address": entry.address, "field": field,
            "before": before, "ours": ours, "theirs": theirs, "winner": winner(writeback, entry, there)}


def said_later(entry, field):
    """What the field became here afterwards: it may have gone there already, in a run that died before it said so."""
    found = [json.loads(changes) for changes in later(entry, "UPD", Change.changes)]
    return {shown(field, changes[field.name][1]) for changes in found if field.name in changes}


def addresses_later(entry):
    return later(entry, "CHG", Change.address)


def later(entry, code, column):
    """A column of the person's entries with this code that came after."""
    mine = select(column).where(Change.dataset_id == entry.dataset_id, Change.member_id == entry.member_id,
                                Change.code == code, Change.seq > entry.seq)
    with reading():
        found = db.session.scalars(mine).all()
        db.session.commit()
    return found


def shown(field, value):
    """A value of the change log or of the other side as the field shows it; what does not fit it stays text."""
    try:
        return fields.show(field, fields.read(field, value) if isinstance(value, str) and value else value)
    except (Refused, ValueError):
        return str(value)


def winner(writeback, entry, there):
    """Who wins: by the rule, and by the rule *newest* whose change is the later one."""
    if writeback.rule != "newest":
        return writeback.rule
    changed_at = moment(there.get("changed_at"))
    return "maestro" if changed_at is None or entry.created_at > changed_at else "source"


def moment(value):
    """The other side's time in UTC; one without a zone is read as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
