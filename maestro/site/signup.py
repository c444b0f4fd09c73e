"""What a mailed link of a sign-up stands for."""

from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Dataset, Site
from maestro.warehouse import fields


def site_of(link):
    return db.session.scalar(select(Site).where(Site.dataset_id == link.dataset_id))


def dataset_of(link):
    return db.session.get(Dataset, link.dataset_id)


def lists_of(link):
    """The lists of a sign-up that are still there, in the order of their names."""
    return [list for list in dataset_of(link).lists if list.id in link.data["lists"]]


def stored(dataset, values):
    """Field values as JSON keeps them."""
    known = {field.name: field for field in dataset.fields}
    return {name: fields.show(known[name], value) for name, value in values.items() if name in known}


def restored(dataset, texts):
    """Field values from JSON; a field that is gone, or has lost the choice, is left out."""
    found = {}
    for field in dataset.fields:
        if field.name in texts:
            try:
                found[field.name] = fields.parse(field, texts[field.name])
            except Refused:
                continue
    return found
