"""Hosted lists inside a dataset."""

from sqlalchemy import delete, func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.models import MEMBERSHIPS, Consent, Exporter, HostedList, Look, MailJob, Subscription, TargetGroup
from maestro.warehouse import downloads, fields

PUBLIC = {"rhythm", "shown", "forwards", "archive", "consent"}


def create(dataset, name, by, description=""):
    found = HostedList(dataset_id=dataset.id, name=check_name(dataset, name), description=description,
                       slug=fields.database_name(name).replace("_", "-")[:60])
    db.session.add(found)
    db.session.flush()
    db.session.expire(dataset, ["lists"])
    downloads.offer(dataset, found)
    audit.record("list.create", found, by, name=found.name)
    return found


def check_name(dataset, name, but=0):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A list needs a name of 1 to 120 characters.", "name")
    same = select(HostedList.id).where(HostedList.dataset_id == dataset.id, func.lower(HostedList.name) == name.lower())
    if db.session.scalar(same.where(HostedList.id != but)):
        raise Refused(f"There is a list “{name}” in this dataset already.", "name")
    return name


def change(list, name, description, tracking, by, **public):
    """`public`: any of PUBLIC, what the subscriber site says and does about the list."""
    list.name, list.description, list.tracking = check_name(list.dataset, name, but=list.id), description, tracking
    for part in PUBLIC & public.keys():
        setattr(list, part, public[part])
    audit.record("list.change", list, by, name=list.name)


def arrange(list, by, folder=None, protected=False):
    """Put a list into a folder of its dataset, and say whether who left needs a person's word to come back."""
    if folder and folder.dataset_id != list.dataset_id:
        raise Refused("This folder belongs to another dataset.", "folder")
    list.folder_id, list.protected = folder and folder.id, protected
    audit.record("list.change", list, by, name=list.name)


def remove(list, by):
    """Remove a list on which nobody is any more. Its number is never used again."""
    check_unused(list)
    for kind in (Exporter, TargetGroup, Subscription, Consent, Look):
        db.session.execute(delete(kind).where(kind.list_id == list.id))
    own = [field for field in list.dataset.fields if field.list_id == list.id]
    for field in sorted(own, key=lambda field: (not field.formula, not field.parent)):     # who needs others first
        fields.remove(list.dataset, field, by)
    audit.record("list.remove", list, by, name=list.name)
    db.session.delete(list)
    db.session.flush()


def check_unused(list):
    """Refuse to remove what is still needed."""
    if counts(list)["confirmed"]:
        raise WrongState("There are people on this list. Take them off first.")
    if db.session.scalar(select(MailJob.id).where(MailJob.list_id == list.id).limit(1)):
        raise WrongState("There are mail jobs to this list. It stays, so that their reports stay true.")


def counts(list):
    """People on the list by state: {"confirmed": n, "unconfirmed": n, "left": n, "suppressed": n}."""
    rows = db.session.execute(
        select(Subscription.state, func.count()).where(Subscription.list_id == list.id).group_by(Subscription.state))
    return {**dict.fromkeys(MEMBERSHIPS, 0), **dict(rows.all())}
