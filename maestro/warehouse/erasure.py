"""Erasing a person: at once out of every table, and by `site/blanking.py` out of logs and files within minutes.

What stays is a keyed hash of the address, by which no import brings the person back, and counts without a name.
"""

import json

from flask import current_app
from sqlalchemy import delete, insert, or_, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock, secrets
from maestro.models import (
    Account,
    Change,
    Consent,
    Dataset,
    Erasure,
    Hit,
    MailedLink,
    MailJob,
    MemberSession,
    Recipient,
    Subscription,
    Suppression,
)
from maestro.warehouse import barred, changes, members, restriction, tables

NOBODY = 0                                         # the member's number where nobody is named any more
GONE = "erased"                                    # stands for an address
PRESENT = ("confirmed", "unconfirmed")
FAR = 1 << 31                                      # readers from here on are nobody's number in a ledger


def erase(dataset, row, by, cause="user", ip=None):
    """Erase a person (a row of the dataset) for good; `cause` self or user says who asked for it."""
    keys = known_keys(dataset, row["id"], row["address_key"])
    if row["state"] in PRESENT:
        members.remove(dataset, row, by, cause="erasure", ip=ip)
    db.session.execute(delete(tables.table(dataset)).where(tables.table(dataset).c.id == row["id"]))
    of_member(dataset, row["id"])
    by_address(dataset, row["id"], keys)
    audit.record("person.erase", dataset, by, member=row["id"], cause=cause)
    db.session.flush()


def erase_address(dataset, key, by):
    """Erase what a dataset still tells of an address though nobody is stored under it: mails, logs, links."""
    by_address(dataset, NOBODY, {key})
    audit.record("person.erase", dataset, by, member=NOBODY, cause="user")
    db.session.flush()


def known_keys(dataset, member_id, key):
    """Every address that the person has had here."""
    told = select(Change.address, Change.old_address).where(
        Change.dataset_id == dataset.id, Change.member_id == member_id).distinct()
    return {key, *(address.lower() for pair in db.session.execute(told) for address in pair if address)}


def of_member(dataset, member_id):
    """What hangs on the person's number."""
    for kind in (Account, MemberSession):
        run(delete(kind).where(kind.dataset_id == dataset.id, kind.member_id == member_id))
    ours = [list.id for list in dataset.lists]
    run(delete(Subscription).where(Subscription.member_id == member_id, Subscription.list_id.in_(ours)))
    run(update(Consent).where(Consent.dataset_id == dataset.id, Consent.member_id == member_id)
        .values(member_id=NOBODY, ip=None))


def by_address(dataset, member_id, keys):
    """What hangs on the addresses, and the note by which logs and files are blanked afterwards."""
    run(delete(MailedLink).where(MailedLink.dataset_id == dataset.id, or_(
        MailedLink.address_key.in_(keys), MailedLink.member_id == (member_id or None))))
    for key in sorted(keys):
        blank_ledger(dataset, key)
        hide_suppressions(dataset, key)
        note(dataset, key, member_id, keys)


def blank_ledger(dataset, key):
    """In ledgers and hits the person becomes somebody; every count stays."""
    mine = select(Recipient.job_id, Recipient.number, MailJob.tracking).join(MailJob, MailJob.id == Recipient.job_id)
    found = db.session.execute(mine.where(MailJob.dataset_id == dataset.id, Recipient.address_key == key)).all()
    for job_id, number, tracking in found:
        line = Recipient.job_id == job_id, Recipient.number == number
        run(update(Recipient).where(*line).values(
            address=GONE, address_key=barred.MARK + barred.hashed(key), member_id=NOBODY, reply=None))
        if tracking == "personal":
            run(update(Hit).where(Hit.job_id == job_id, Hit.reader == number).values(reader=FAR + number))


def hide_suppressions(dataset, key):
    """A complaint or bounce counts on, under the hash, unless another dataset for which it counts knows the address."""
    marked = barred.MARK + barred.hashed(key)
    mine = Suppression.address_key == key, restriction.counts_for(dataset.group_id)
    for held in db.session.scalars(select(Suppression).where(*mine)).all():
        others = select(Dataset).where(Dataset.id != dataset.id)
        others = others.where(Dataset.group_id == held.group_id) if held.group_id else others
        if not any(known_elsewhere(other, key) for other in db.session.scalars(others).all()):
            run(delete(Suppression).where(Suppression.address_key == marked, Suppression.group_id == held.group_id))
            held.address_key, held.by = marked, ""
            db.session.flush()


def known_elsewhere(dataset, key):
    people = tables.table(dataset)
    return db.session.scalar(select(people.c.id).where(people.c.address_key == key))


def note(dataset, key, member_id, keys):
    """The hash that stays; sealed beside it, for a short while, what is still to be blanked."""
    run(delete(Erasure).where(Erasure.dataset_id == dataset.id, Erasure.address_hash == barred.hashed(key)))
    sealed = secrets.seal(master(), place(dataset.id), json.dumps([member_id, sorted(keys)]))
    run(insert(Erasure).values(
        created_at=clock.now(), dataset_id=dataset.id, address_hash=barred.hashed(key), sealed=sealed))


def opened(entry):
    """(member_id, keys) of a note that is not yet done with."""
    member_id, keys = json.loads(secrets.unseal(master(), place(entry.dataset_id), entry.sealed))
    return member_id, set(keys)


def place(dataset_id):
    return f"erasure:sealed:{dataset_id}"


def master():
    return current_app.extensions["maestro"].SECRET_KEY


def run(statement):
    db.session.execute(statement.execution_options(synchronize_session=False))


def entries(dataset_id, member_id, keys):
    """The condition that a line of the change log tells of the person."""
    return (Change.dataset_id == dataset_id) & or_(Change.member_id == (member_id or -1), *map(changes.about, keys))
