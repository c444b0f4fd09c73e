"""Folders that put the lists of a dataset in order: inside each other, and only for looking at."""

from sqlalchemy import func, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import HostedList, ListFolder

DEPTH = 5


def create(dataset, name, by, parent=None, description=""):
    folder = ListFolder(dataset_id=dataset.id)
    write(folder, name, description, parent)
    db.session.add(folder)
    db.session.flush()
    audit.record("folder.create", folder, by, name=folder.name)
    return folder


def change(folder, name, by, parent=None, description=""):
    write(folder, name, description, parent)
    audit.record("folder.change", folder, by, name=folder.name)


def write(folder, name, description, parent):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A folder needs a name of 1 to 120 characters.", "name")
    same = select(ListFolder.id).where(ListFolder.dataset_id == folder.dataset_id, ListFolder.id != (folder.id or 0))
    if db.session.scalar(same.where(func.lower(ListFolder.name) == name.lower())):
        raise Refused(f"There is a folder “{name}” already.", "name")
    above = path(parent)
    if parent and (folder.id in [each.id for each in above] or parent.dataset_id != folder.dataset_id):
        raise Refused("A folder cannot lie inside itself.", "parent")
    if len(above) >= DEPTH:
        raise Refused(f"Folders can lie at most {DEPTH} deep.", "parent")
    folder.name, folder.description, folder.parent_id = name, description.strip(), parent and parent.id


def path(folder):
    """A folder and those around it, the outermost first."""
    found = []
    while folder and folder not in found:
        found.insert(0, folder)
        folder = folder.parent_id and db.session.get(ListFolder, folder.parent_id)
    return found


def of(dataset):
    """The folders of a dataset as [(folder, "Outer / inner")], in the order of these names."""
    folders = db.session.scalars(select(ListFolder).where(ListFolder.dataset_id == dataset.id)).all()
    named = [(folder, " / ".join(each.name for each in path(folder))) for folder in folders]
    return sorted(named, key=lambda pair: pair[1].lower())


def remove(folder, by):
    """Take a folder away; what lies in it moves one up."""
    for kind, place in ((HostedList, HostedList.folder_id), (ListFolder, ListFolder.parent_id)):
        db.session.execute(update(kind).where(place == folder.id).values({place.key: folder.parent_id}))
    audit.record("folder.remove", folder, by, name=folder.name)
    db.session.delete(folder)
    db.session.flush()
