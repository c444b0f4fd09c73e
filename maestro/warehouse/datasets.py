"""Datasets: people with shared profile fields, in a table of their own."""

from sqlalchemy import delete, func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.models import (
    Account,
    Consent,
    ConsentText,
    Dataset,
    Erasure,
    Exporter,
    Field,
    HostedList,
    ListFolder,
    Look,
    MailedLink,
    MailJob,
    MemberSession,
    Picture,
    Site,
    Subscription,
    TargetGroup,
)
from maestro.warehouse import downloads, naming, pieces, sites, tables

OWNED = (Exporter, TargetGroup, Consent, ConsentText, Account, MemberSession, MailedLink, Erasure, Look, Picture, Site,
         Field, HostedList, ListFolder)


def create(group, name, by, description=""):
    """Make a dataset with an empty table of people."""
    dataset = Dataset(group_id=group.id, name=check_name(group.id, name), description=description)
    db.session.add(dataset)
    db.session.flush()
    tables.create(dataset)
    sites.create(dataset)
    downloads.offer(dataset)
    audit.record("dataset.create", dataset, by, name=dataset.name)
    return dataset


def check_name(group_id, name, but=None):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A dataset needs a name of 1 to 120 characters.", "name")
    same = select(Dataset.id).where(Dataset.group_id == group_id, func.lower(Dataset.name) == name.lower())
    if db.session.scalar(same.where(Dataset.id != (but or 0))):
        raise Refused(f"There is a dataset “{name}” already.", "name")
    return name


def rename(dataset, name, description, by):
    dataset.name, dataset.description = check_name(dataset.group_id, name, but=dataset.id), description
    audit.record("dataset.change", dataset, by, name=dataset.name)


def call(dataset, pattern, by):
    """Say how people are called: a text with fields in it, such as "{{first_name}} {{last_name}}"."""
    naming.check(dataset, pattern.strip())
    dataset.name_pattern = pattern.strip()
    audit.record("dataset.change", dataset, by, name=dataset.name)


def remove(dataset, by):
    """Remove an empty dataset for good. Its number is never used again."""
    check_unused(dataset)
    lists = select(HostedList.id).where(HostedList.dataset_id == dataset.id)
    db.session.execute(delete(Subscription).where(Subscription.list_id.in_(lists)))
    for kind in OWNED:
        db.session.execute(delete(kind).where(kind.dataset_id == dataset.id))
    pieces.drop(dataset)
    tables.drop(dataset)
    audit.record("dataset.remove", dataset, by, name=dataset.name)
    db.session.delete(dataset)
    db.session.flush()


def check_unused(dataset):
    """Refuse to remove what is still needed."""
    if count(dataset):
        raise WrongState("This dataset has people in it. Remove them first.")
    if db.session.scalar(select(MailJob.id).where(MailJob.dataset_id == dataset.id).limit(1)):
        raise WrongState("There are mail jobs to this dataset. It stays, so that their reports stay true.")


def count(dataset):
    """How many people are in it; of those who have left only the address is kept."""
    people = tables.table(dataset)
    return db.session.scalar(select(func.count()).select_from(people).where(people.c.state != "left"))


def counts(dataset):
    """People by state: {"confirmed": n, "unconfirmed": n, "left": n, "suppressed": n}."""
    people = tables.table(dataset)
    rows = db.session.execute(select(people.c.state, func.count()).group_by(people.c.state))
    return {"confirmed": 0, "unconfirmed": 0, "left": 0, "suppressed": 0, **dict(rows.all())}
