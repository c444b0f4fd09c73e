"""Groups of users: each owns a warehouse, jobs and content that no other group sees."""

from sqlalchemy import func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Group, User


def create(name, by):
    group = Group(name=check_name(name))
    db.session.add(group)
    db.session.flush()
    audit.record("group.create", group, by, name=group.name)
    return group


def rename(group, name, by):
    if name.strip() != group.name:
        group.name = check_name(name)
        db.session.flush()
        audit.record("group.change", group, by, name=group.name)


def check_name(name):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A group needs a name of 1 to 120 characters.", "name")
    if db.session.scalar(select(Group.id).where(func.lower(Group.name) == name.lower())):
        raise Refused(f"There is a group “{name}” already.", "name")
    return name


def with_counts():
    """Every group with the number of its users, by name."""
    return db.session.execute(
        select(Group, func.count(User.id)).outerjoin(User, User.group_id == Group.id)
        .group_by(Group.id).order_by(Group.name)).all()
