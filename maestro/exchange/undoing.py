"""Undoing a run: its lines of the change log are gone through backwards, and each gets its opposite, told as well.

Who was changed by somebody else since is left as he is. From the first slice on an undo goes only forward.
"""

import json
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, func, insert, or_, select, update

from maestro.exchange.apply import in_the_end
from maestro.exchange.compare import PRESENT
from maestro.exchange.slices import BY
from maestro.extensions import db, reading
from maestro.lib import clock, crash
from maestro.lib.errors import Refused
from maestro.models import Change, HostedList, Subscription, Suppression
from maestro.warehouse import fields, restriction, subscriptions, tables

FOR = timedelta(hours=24)        # after the end of a run
SLICE = 200                      # lines of the log in one transaction
PLAIN = {"number": (int, float), "yesno": (bool,)}
REMOVED = "This import removed people from the dataset with all their values. That cannot be undone: import them again."


def why_not(run):
    """Why a run cannot be undone, in a sentence; "" when it can."""
    if run.state != "done":
        return "Only an import that is done can be undone."
    if not run.ended_at or clock.now() - run.ended_at > FOR:
        return "An import can be undone for 24 hours."
    mine = select(Change.id).where(Change.run_id == run.id)
    if db.session.scalar(mine.limit(1)) is None:
        return "This import has changed nothing."
    if db.session.scalar(mine.where(Change.code == "DEL", Change.level == "D").limit(1)) is not None:
        return REMOVED
    return ""


class Undo:
    """An undo at work on one connection, inside a transaction."""

    def __init__(self, run, connection):
        self.run, self.connection, self.now = run, connection, clock.now()
        self.people, self.places = tables.table(run.dataset), Subscription.__table__
        self.fields = {field.name: field for field in run.dataset.fields}
        self.actor = f"undo of import {run.id}"

    def row(self, entry):
        found = self.connection.execute(select(self.people).where(self.people.c.id == entry.member_id))
        return found.mappings().first()

    def is_changed_since(self, entry):
        """Whether anything else happened to this person after the run."""
        last = select(func.max(Change.id)).where(Change.run_id == self.run.id, Change.member_id == entry.member_id)
        later = select(Change.id).where(
            Change.dataset_id == self.run.dataset_id, Change.member_id == entry.member_id,
            Change.id > last.scalar_subquery(), or_(Change.actor.is_(None), Change.actor != self.actor))
        return self.connection.scalar(later.limit(1)) is not None

    def log(self, code, entry, changes=None, address=None, old_address=None):
        self.connection.execute(insert(Change).values(
            created_at=self.now, code=code, level=entry.level, dataset_id=entry.dataset_id, list_id=entry.list_id,
            member_id=entry.member_id, address=address or entry.address, old_address=old_address, cause="user",
            actor=self.actor, changes=json.dumps(changes, ensure_ascii=False) if changes else None))

    def change_person(self, entry, **values):
        self.connection.execute(update(self.people).where(self.people.c.id == entry.member_id).values(
            changed_at=self.now, **values))

    def place(self, entry, *where):
        places = self.places.c
        return update(self.places).where(places.list_id == entry.list_id, places.member_id == entry.member_id, *where)


def leave_list(undo, entry):
    left = undo.place(entry, undo.places.c.state.in_(PRESENT)).values(state="left", left_at=undo.now, left_by="user")
    if undo.connection.execute(left).rowcount:
        undo.log("DEL", entry)


def rejoin_list(undo, entry):
    """Back, unless the person has said meanwhile that he wants no more, or may get none."""
    held = select(Suppression.id).where(Suppression.address_key == entry.address.lower(),
                                        restriction.counts_for(undo.run.dataset.group_id)).exists()
    back = undo.place(entry, undo.places.c.state == "left", undo.places.c.left_by == BY, ~held)
    if not undo.connection.execute(back.values(state="confirmed", left_at=None, left_by=None)).rowcount:
        return False
    undo.log("ADD", entry)
    return True


def leave_dataset(undo, entry):
    """Out again, as before; what protects the person from imports on some list stays."""
    mine = select(HostedList.id).where(HostedList.dataset_id == undo.run.dataset_id)
    places = undo.places.c
    of_person = places.member_id == entry.member_id, places.list_id.in_(mine)
    if undo.connection.scalar(select(places.id).where(*of_person, places.state.in_(PRESENT)).limit(1)):
        return                                     # on a list by another way: stays a member
    if undo.connection.scalar(select(places.id).where(*of_person, subscriptions.for_good(places)).limit(1)):
        empty = {name: None for name, field in undo.fields.items() if not field.formula}
        undo.change_person(entry, state="left", left_at=undo.now, left_by="user", **empty)
    else:
        undo.connection.execute(delete(undo.places).where(*of_person))
        undo.connection.execute(delete(undo.people).where(undo.people.c.id == entry.member_id))
    undo.log("DEL", entry)


def restore_values(undo, entry):
    """The old values of the fields that can still have them; False where one cannot."""
    told = {name: pair for name, pair in json.loads(entry.changes or "{}").items() if name in undo.fields}
    values = {name: stored(undo.fields[name], old) for name, (old, _) in told.items() if fits(undo, entry, name, old)}
    if values:
        undo.change_person(entry, **values)
        undo.log("UPD", entry, {name: [told[name][1], told[name][0]] for name in values})
    return values.keys() == told.keys()


def fits(undo, entry, name, value):
    """Whether a field may have an old value again: its type may be another by now, and a key somebody else's."""
    if value is None:
        return True
    try:
        kept = stored(undo.fields[name], value)
    except Refused:
        return False
    if name != undo.run.dataset.key_field:
        return True
    people = undo.people.c
    other = select(people.id).where(people[name] == kept, people.id != entry.member_id)
    return undo.connection.scalar(other.limit(1)) is None


def stored(field, value):
    """A value of the change log as the table has it. Raises Refused for what is no value of the field any more."""
    if value is None or field.type in ("number", "yesno") and type(value) in PLAIN[field.type]:
        return value
    if not isinstance(value, str):
        raise Refused("This is no text.")
    return fields.read(field, value)


def restore_address(undo, entry):
    key = entry.old_address.lower()
    taken = select(undo.people.c.id).where(undo.people.c.address_key == key, undo.people.c.id != entry.member_id)
    if undo.connection.scalar(taken) is not None:
        return False
    undo.change_person(entry, address=entry.old_address, address_key=key)
    undo.log("CHG", entry, address=entry.old_address, old_address=entry.address)
    return True


OPPOSITES = {("ADD", "L"): leave_list, ("DEL", "L"): rejoin_list, ("ADD", "D"): leave_dataset,
             ("UPD", "D"): restore_values, ("UPD", "L"): restore_values, ("CHG", "D"): restore_address}


def undo(run, hold):
    """Go through the run's lines from the last to the first; the cursor says where we are."""
    kept, before = run.counts.get("kept", 0), run.cursor
    while entries := lines(run, before):
        kept = in_the_end(partial(undo_slice, run, hold, entries, kept))
        before = entries[-1].id
        crash.point("undo_slice")
        hold.stop_if_told()
    return kept


def undo_slice(run, hold, entries, kept):
    """Reverse some lines in one transaction; returns how many were left as they are until now."""
    with db.engine.begin() as connection:
        deed = Undo(run, connection)
        kept += sum(not reverse(deed, entry) for entry in entries)
        hold.keep(connection, cursor=entries[-1].id, counts={**run.counts, "kept": kept}, done=run.done + len(entries))
    return kept


def lines(run, before):
    mine = select(Change).where(Change.run_id == run.id).order_by(Change.id.desc()).limit(SLICE)
    with reading():
        found = db.session.scalars(mine.where(Change.id < before) if before else mine).all()
        db.session.commit()
    return found


def reverse(undo, entry):
    """Take one change back; False where the person was changed since, or is gone."""
    opposite = OPPOSITES.get((entry.code, entry.level))
    if not opposite:
        return True
    if undo.is_changed_since(entry) or not undo.row(entry):
        return False
    return opposite(undo, entry) is not False
