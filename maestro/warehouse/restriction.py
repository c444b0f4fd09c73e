"""Restriction of processing: the address stays stored and gets no mail, until the restriction is lifted."""

from sqlalchemy import delete, select

from maestro import audit
from maestro.extensions import db
from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.models import Suppression

REASON = "restricted"


def counts_for(group_id):
    """Which suppressions keep mail of a group away: its own, and those for everybody here."""
    return Suppression.group_id.in_([0, group_id])


def of(group, key):
    """Why the group writes nothing to an address: the rows."""
    held = select(Suppression).where(Suppression.address_key == key, counts_for(group.id))
    return db.session.scalars(held.order_by(Suppression.group_id)).all()


def restrict(group, address, by):
    """No mail of the group goes to the address from now on, not even one that is on its way."""
    key = addresses.judge(address).key
    if any(held.group_id == group.id for held in of(group, key)):
        raise Refused("This address gets no mail from you already.", "address")
    db.session.add(Suppression(address_key=key, group_id=group.id, reason=REASON, by=getattr(by, "email", by)))
    audit.record("suppression.add", group, by, reason=REASON)
    db.session.flush()


def lift(group, address, by):
    key = addresses.judge(address).key
    db.session.execute(delete(Suppression).where(
        Suppression.address_key == key, Suppression.group_id == group.id, Suppression.reason == REASON))
    audit.record("suppression.remove", group, by, reason=REASON)
    db.session.flush()
