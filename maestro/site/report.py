"""Everything that is stored about one address in a group: for its owner who asks, as pages, JSON and XML."""

import json
from xml.etree import ElementTree

from sqlalchemy import func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib import addresses, clock, quoted
from maestro.models import Dataset, MailedLink, MailJob, OutboxMessage, Post, Recipient
from maestro.site import belongings
from maestro.warehouse import barred, changes, erasure, members, restriction, sites


def of(group, address):
    """What is known, as plain data. Datasets in which nobody has the address tell what is left in logs and ledgers."""
    judged = addresses.judge(address)
    datasets = db.session.scalars(select(Dataset).where(Dataset.group_id == group.id).order_by(Dataset.name)).all()
    return {
        "address": judged.key, "asked_at": clock.now(), "datasets": [in_dataset(one, judged.key) for one in datasets],
        "no_mail": [{"reason": held.reason, "since": held.created_at} for held in restriction.of(group, judged.key)],
        "single_mails": [{"kind": post.kind, "state": post.state, "written": post.created_at}
                         for post in singles(group, judged.key)],
        "kept_in_outbox": kept(group, judged.key)}


def in_dataset(dataset, key):
    row = members.find(dataset, key)
    found = {"dataset": dataset.name, "dataset_id": dataset.id, "is_member": bool(row),
             "erased": barred.is_barred(dataset, key)}
    if row:
        return found | {"person": belongings.of(sites.of(dataset), row)}
    told = db.session.scalars(changes.entries(dataset_id=dataset.id, address=key)).all()
    links = select(func.count()).where(MailedLink.dataset_id == dataset.id, MailedLink.address_key == key)
    return found | {"changes": [changes.fields(entry) for entry in told], "mails": mails(dataset, key),
                    "waiting_links": db.session.scalar(links)}


def mails(dataset, key):
    found = select(MailJob.subject, Recipient.state, MailJob.started_at).join(Recipient, Recipient.job_id == MailJob.id)
    mine = found.where(MailJob.dataset_id == dataset.id, Recipient.address_key == key)
    return [{"subject": subject, "state": state, "time": at} for subject, state, at in db.session.execute(mine)]


def singles(group, key):
    return db.session.scalars(select(Post).where(Post.group_id == group.id, func.lower(Post.address) == key)).all()


def kept(group, key):
    mine = OutboxMessage.group_id == group.id, func.lower(OutboxMessage.address) == key
    return db.session.scalar(select(func.count()).where(*mine))


def is_known(found):
    """Whether anything at all is stored."""
    return bool(found["no_mail"] or found["single_mails"] or found["kept_in_outbox"] or any(
        one["is_member"] or one.get("changes") or one.get("mails") or one.get("waiting_links") or one["erased"]
        for one in found["datasets"]))


def erase(group, address, by):
    """Erase the address in every dataset of the group, from whatever tells of it."""
    key = addresses.judge(address).key
    for dataset in db.session.scalars(select(Dataset).where(Dataset.group_id == group.id)).all():
        row = members.find(dataset, key)
        if row:
            erasure.erase(dataset, row, by)
        else:
            erasure.erase_address(dataset, key, by)


def told(group, address, form, by):
    """The report as the bytes of a file; the audit notes that it was made."""
    found = of(group, address)
    audit.record("person.report", group, by, form=form)
    return FORMS[form](found)


def as_json(found):
    return json.dumps(found, ensure_ascii=False, indent=2, default=str).encode()


def as_xml(found):
    root = ElementTree.Element("address-data")
    fill(root, json.loads(as_json(found)))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def fill(parent, value):
    """Objects as elements by name, lists as repeated `item`; whatever is no element's name becomes an attribute."""
    if isinstance(value, dict):
        for name, inner in value.items():
            child = ElementTree.SubElement(parent, "entry" if not name.isidentifier() else name)
            if child.tag == "entry":
                child.set("name", quoted.clean(name))
            fill(child, inner)
    elif isinstance(value, list):
        for inner in value:
            fill(ElementTree.SubElement(parent, "item"), inner)
    else:
        parent.text = "" if value is None else quoted.clean(str(value))


FORMS = {"json": as_json, "xml": as_xml}
