"""The people of a dataset: found, added, changed and removed, each change with its line in the change log."""

from sqlalchemy import delete, insert, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tongues import gettext as _
from maestro.models import Account, HostedList, MemberSession, Subscription, Suppression
from maestro.warehouse import barred, changes, consents, fields, keys, menus, restriction, subscriptions, tables


def find(dataset, address):
    """The row of the person with this address, whatever the spelling, or None."""
    try:
        key = addresses.judge(address).key
    except Refused:
        return None
    people = tables.table(dataset)
    return db.session.execute(select(people).where(people.c.address_key == key)).mappings().first()


def find_by_id(dataset, member_id):
    """The row of the person with this number, or None."""
    people = tables.table(dataset)
    return db.session.execute(select(people).where(people.c.id == member_id)).mappings().first()


def get(dataset, member_id):
    """The row of one person. Raises NotFound."""
    row = find_by_id(dataset, member_id)
    if not row:
        raise NotFound("There is no such person in this dataset.")
    return row


def add(dataset, address, values, by, cause="user", how="user", ip=None, agreed=None):
    """Put a person into the dataset, confirmed at once; `values` are parsed, by field name. Returns the row.

    Who signed up was asked on a form for what is required, and cannot be asked again when it is confirmed.
    """
    judged = addresses.judge(address)
    before = find(dataset, address)
    if before and before["state"] == "confirmed":
        raise Refused(f"{judged.given} is in this dataset already.", "address")
    refuse_suppressed(dataset, judged)
    refuse_barred(dataset, judged, cause)
    values = complete(fields.writable(dataset), values)
    if cause != "self":
        check_required(dataset, values)
    refuse_unfit(dataset, values)
    people, now = tables.table(dataset), clock.now()
    entry = {"address": judged.given, "address_key": judged.key, "state": "confirmed", "how": how, "joined_at": now,
             "left_at": None, "left_by": None, "run_id": None, "changed_at": now, **values}
    if before:
        db.session.execute(update(people).where(people.c.id == before["id"]).values(**entry))
    else:
        db.session.execute(insert(people).values(**entry))
    row = find(dataset, address)
    changes.record("ADD", "D", dataset.id, None, row, cause, by, ip=ip)
    consents.note(dataset, row, values, cause, by, how, ip, agreed=agreed)
    audit.record("person.add", dataset, by, member=row["id"])
    return row


def is_held(dataset, address_key):
    """Why an address gets nothing from this dataset's group: a word, or None."""
    return db.session.scalar(select(Suppression.reason).where(
        Suppression.address_key == address_key, restriction.counts_for(dataset.group_id)).limit(1))


def complete(shown, values):
    """The values of somebody new, with the defaults of the fields `shown` where there is none."""
    return values | {name: value for name, value in fields.start_values(shown).items() if values.get(name) is None}


def joining(lists, row, values):
    """The values with which somebody comes to lists: what is given, else his own, else the defaults of their fields."""
    own = [field for one in lists for field in asked_by(one)]
    before = {field.name: row[field.name] for field in own} if row else {}
    return values | complete(own, before | {name: value for name, value in values.items() if value is not None})


def asked_by(list):
    """The fields of a list alone that have values of their own."""
    return [field for field in fields.writable(list.dataset, list) if field.list_id]


def lacking(list, values):
    """The fields that a list requires for itself, and that `values` leave open; a consent is open until it is given."""
    return [field for field in asked_by(list) if field.required
            and (not values.get(field.name) if field.consent else values.get(field.name) is None)]


def refuse_lacking(list, values):
    for field in lacking(list, values):
        raise Refused(_("%(field)s must be filled in.", field=field.label), field.name)


def refuse_suppressed(dataset, judged):
    if reason := is_held(dataset, judged.key):
        raise Refused(f"{judged.given} must not get mail from you ({reason}). Release the address first.", "address")


def refuse_barred(dataset, judged, cause):
    """Who was erased comes back only by signing up himself."""
    if cause == "self":
        barred.lift(dataset, judged.key)
    elif barred.is_barred(dataset, judged.key):
        raise Refused(f"{judged.given} was erased on request. Only the person can come back, by signing up.", "address")


def refuse_unfit(dataset, values, row=None):
    """Refuse a key that somebody else has, and a choice that does not belong to the one before it."""
    keys.refuse_taken(dataset, values, row and row["id"])
    touched = [field for field in dataset.fields if field.parent and {field.name, field.parent} & values.keys()]
    menus.refuse_unfit(touched, {**(row or {}), **values})


def check_required(dataset, values):
    for field in fields.of(dataset):
        if field.required and values.get(field.name) is None:
            raise Refused(_("%(field)s must be filled in.", field=field.label), field.name)


def put_on(list, address, values, by, cause="user", how="user", sure=False):
    """Put a person on a list, and into its dataset when he is not there yet. Returns the row.

    `sure`: who left a protected list by himself asked to come back.
    """
    dataset, row = list.dataset, find(list.dataset, address)
    values, is_here = joining([list], row, values), bool(row and row["state"] == "confirmed")
    refuse_lacking(list, values)
    if is_here:
        refuse_suppressed(dataset, addresses.judge(address))
        row = change(dataset, row, {name: value for name, value in values.items() if value is not None}, by, cause)
    else:
        row = add(dataset, address, values, by, cause, how)
    subscriptions.join(list, row, by, cause, how, sure=sure)
    if not is_here:                                # a change has noted it
        consents.note(dataset, row, values, cause, by, how, list_id=list.id)
    return row


def bring(list, row, by, cause="user", how="user", sure=False, ip=None):
    """Put somebody of the dataset on a list, with the defaults of its fields. Refused where it asks for more."""
    values = joining([list], row, {})
    refuse_lacking(list, values)
    subscriptions.join(list, row, by, cause, how, ip=ip, sure=sure)
    given = {name: value for name, value in values.items() if value is not None}
    return change(list.dataset, row, given, by, cause, ip=ip)


def change(dataset, row, values, by, cause="user", ip=None, address=None, agreed=None):
    """Change fields of a person, and the address if another is given. Writes UPD D, UPD L and CHG as they apply."""
    check_not_emptied(dataset, row, values)
    row = rename(dataset, row, address, by, cause, ip) if address else row
    differing = {name: value for name, value in values.items() if row[name] != value}
    if not differing:
        return row
    refuse_unfit(dataset, differing, row)
    people, now = tables.table(dataset), clock.now()
    stamps = {"changed_at": now} | ({"self_changed_at": now} if cause == "self" else {})
    db.session.execute(update(people).where(people.c.id == row["id"]).values(**differing, **stamps))
    for list_id, names in by_level(dataset, differing).items():
        told = {name: [plain(row[name]), plain(differing[name])] for name in names}
        changes.record("UPD", "L" if list_id else "D", dataset.id, list_id, row, cause, by, told, ip=ip)
        consents.note(dataset, row, differing, cause, by, "form", ip, row, list_id, agreed)
    audit.record("person.change", dataset, by, member=row["id"], fields=sorted(differing))
    return get(dataset, row["id"])


def check_not_emptied(dataset, row, values):
    """A required field that has a value keeps one."""
    for field in dataset.fields:
        if field.required and row[field.name] is not None and values.get(field.name, ...) is None:
            raise Refused(_("%(field)s must be filled in.", field=field.label), field.name)


def by_level(dataset, names):
    """The field names grouped by the list they belong to; None stands for the dataset's shared ones."""
    levels = {}
    for field in dataset.fields:
        if field.name in names:
            levels.setdefault(field.list_id, []).append(field.name)
    return dict(sorted(levels.items(), key=lambda item: item[0] or 0))


def plain(value):
    """A value as JSON has it; dates become ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def rename(dataset, row, address, by, cause, ip):
    judged = addresses.judge(address)
    if judged.given == row["address"]:
        return row
    other = find(dataset, address)
    if other and other["id"] != row["id"]:
        raise Refused(f"{judged.given} belongs to somebody else in this dataset.", "address")
    people = tables.table(dataset)
    db.session.execute(update(people).where(people.c.id == row["id"]).values(
        address=judged.given, address_key=judged.key, changed_at=clock.now()))
    renamed = get(dataset, row["id"])
    changes.record("CHG", "D", dataset.id, None, renamed, cause, by, old_address=row["address"], ip=ip)
    audit.record("person.rename", dataset, by, member=row["id"])
    return renamed


def remove(dataset, row, by, cause="user", ip=None):
    """Take a person out of the dataset and all its lists.

    Who leaves by himself, or has left a list before, stays as a row without values: no import brings him back.
    """
    mine = select(HostedList).join(Subscription, Subscription.list_id == HostedList.id).where(
        Subscription.member_id == row["id"], HostedList.dataset_id == dataset.id, Subscription.state == "confirmed")
    for list in db.session.scalars(mine).all():
        subscriptions.leave(list, row, by, cause=cause, ip=ip)
    if row["state"] == "confirmed":
        changes.record("DEL", "D", dataset.id, None, row, cause, by, ip=ip)
    for kind in (Account, MemberSession):
        db.session.execute(delete(kind).where(kind.dataset_id == dataset.id, kind.member_id == row["id"]))
    audit.record("person.remove", dataset, by, member=row["id"])
    people = tables.table(dataset)
    if cause == "self" or cause != "erasure" and (row["state"] == "left" or subscriptions.has_left(dataset, row["id"])):
        empty = {field.name: None for field in dataset.fields if not field.formula}
        gone = {} if row["state"] == "left" else {"state": "left", "left_at": clock.now(), "left_by": cause}
        db.session.execute(update(people).where(people.c.id == row["id"]).values(**gone, **empty))
    else:
        ours = select(HostedList.id).where(HostedList.dataset_id == dataset.id)
        db.session.execute(delete(Subscription).where(
            Subscription.member_id == row["id"], Subscription.list_id.in_(ours)))
        db.session.execute(delete(people).where(people.c.id == row["id"]))


def come_back(dataset, row, ip=None):
    """Undo by the person himself: confirmed again, though the values are gone."""
    people = tables.table(dataset)
    back = db.session.execute(
        update(people).where(people.c.id == row["id"], people.c.state == "left", people.c.left_by == "self")
        .values(state="confirmed", how="undo", joined_at=clock.now(), left_at=None, left_by=None,
                run_id=None)).rowcount
    if back:
        changes.record("ADD", "D", dataset.id, None, row, "self", ip=ip)
        changes.record("CON", "D", dataset.id, None, row, "self", ip=ip)
    return bool(back)
