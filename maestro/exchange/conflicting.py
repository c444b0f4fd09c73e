"""Conflicts: what both sides changed since they last agreed, and who wins."""

import json
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import select

from maestro.exchange import connections, transform
from maestro.exchange.styles import Style
from maestro.extensions import db, reading
from maestro.lib.errors import Refused
from maestro.lib.foreign.texts import text
from maestro.models import Change, Importer
from maestro.warehouse import fields


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
    told = text(there[field.name])
    theirs = shown(field, told)
    if theirs in (before, ours):
        return None
    known = {before, ours, *said_later(deed.entry, field)}
    if theirs in known or known & imported(writeback, field, told):
        return None
    return conflict(writeback, deed.entry, there, field.name, before, ours, theirs)


def imported(writeback, field, told):
    """What the importers of that database make of a value."""
    with reading():
        found = db.session.scalars(select(Importer).where(Importer.dataset_id == writeback.dataset_id)).all()
        there = connections.whereabouts(writeback.connection)
        mine = [importer for importer in found if field.name in importer.mapping and importer.connection
                and connections.whereabouts(importer.connection) == there]
        db.session.commit()
    return {shown(field, read_by(importer.options, field, told)) for importer in mine}


def read_by(options, field, told):
    """A value after the steps and in the style of an importer."""
    steps = options.get("change", {}).get(field.name, {})
    plain = pl.select(transform.expression(pl.lit(told, pl.String), steps, field.type)).item()
    return plain and Style.of(options).plain(field.type, plain)


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
    """A value of the change log or of the other side as the field shows it; what does not fit it stays text.

    Blanks at its ends do not count, as imports drop them and some columns add them.
    """
    value = value.strip() if isinstance(value, str) else value
    try:
        return fields.show(field, fields.read(field, value) if isinstance(value, str | list) and value else value)
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
