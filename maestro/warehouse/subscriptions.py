"""A person's place on a list: joining, leaving, and coming back at once when it was a slip."""

from sqlalchemy import and_, func, or_, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tongues import gettext as _
from maestro.models import HostedList, Subscription
from maestro.warehouse import changes, consents, tables

OBJECTION = "objection"                            # taken off by somebody else, and said afterwards to want no more
BY_CHOICE = ("self", "complaint", OBJECTION)       # who left like this is never put back by an import


def get(list, member_id):
    """The subscription of a member to a list, or None."""
    return db.session.scalar(select(Subscription).where(
        Subscription.list_id == list.id, Subscription.member_id == member_id))


def is_on(list, row):
    """Whether a person is on a list, confirmed."""
    place = get(list, row["id"])
    return bool(place and place.state == "confirmed")


def find(subscription_id):
    """A subscription with its list and its person's row, for the links in mails. Raises NotFound."""
    found = db.session.get(Subscription, subscription_id)
    list = found and db.session.get(HostedList, found.list_id)
    if not list:
        raise NotFound(_("This link leads to nobody here."))
    people = tables.table(list.dataset)
    row = db.session.execute(select(people).where(people.c.id == found.member_id)).mappings().first()
    if not row:
        raise NotFound(_("This link leads to nobody here."))
    return found, list, row


def of(dataset, member_id):
    """All subscriptions of a person, as (subscription, list)."""
    mine = select(Subscription, HostedList).join(HostedList, HostedList.id == Subscription.list_id).where(
        HostedList.dataset_id == dataset.id, Subscription.member_id == member_id)
    return db.session.execute(mine.order_by(HostedList.name)).all()


def count(dataset, member_ids):
    """On how many places of the dataset's lists these people are."""
    mine = select(func.count()).select_from(Subscription).join(HostedList, HostedList.id == Subscription.list_id)
    return db.session.scalar(mine.where(
        HostedList.dataset_id == dataset.id, Subscription.member_id.in_(member_ids), Subscription.state == "confirmed"))


def join(list, row, by, cause="user", how="user", ip=None, sure=False):
    """Put a member on a list, confirmed. Refused while he is on it; who left may be put back by a person only.

    A protected list wants a second look (`sure`) at who left by himself.
    """
    if row["state"] not in ("confirmed", "unconfirmed"):
        raise Refused(f"{row['address']} has left this dataset. Add the person again first.", "address")
    now, before = clock.now(), get(list, row["id"])
    if before and before.state == "confirmed":
        raise Refused(f"{row['address']} is on this list already.", "address")
    if list.protected and before and before.left_by in ("self", OBJECTION) and cause == "user" and not sure:
        raise Refused(f"{row['address']} left this list by themselves, and the list is protected. Put them back only "
                      "if they asked for it, and say so.", "sure")
    if before:
        before.state, before.how, before.joined_at, before.left_at, before.left_by = "confirmed", how, now, None, None
        before.run_id = None                       # who comes back is not the import's any more
    else:
        db.session.add(Subscription(list_id=list.id, member_id=row["id"], state="confirmed", how=how, joined_at=now))
    db.session.flush()
    changes.record("ADD", "L", list.dataset_id, list.id, row, cause, by, ip=ip)
    audit.record("person.join", list, by, member=row["id"])
    return get(list, row["id"])


def leave(list, row, by, cause="user", ip=None, how="user"):
    """Take a member off a list; the person stays in the dataset. True if he was on it: a repeat changes nothing.

    Who is off it already by somebody else's deed, and now says so himself, has left by choice from then on.
    """
    mine = update(Subscription).where(Subscription.list_id == list.id, Subscription.member_id == row["id"])
    gone = {"state": "left", "left_at": clock.now(), "left_by": cause}
    left = db.session.execute(mine.where(Subscription.state == "confirmed").values(**gone)).rowcount
    db.session.execute(mine.where(Subscription.state == "unconfirmed").values(**gone))
    if not left and cause in BY_CHOICE:
        db.session.execute(mine.where(Subscription.state == "left", Subscription.left_by.not_in(BY_CHOICE)).values(
            left_by=OBJECTION))
    if left:
        changes.record("DEL", "L", list.dataset_id, list.id, row, cause, by, ip=ip)
        consents.prove(list.dataset_id, list.id, row, False, how, ip)
        if cause != "self":
            audit.record("person.leave", list, by, member=row["id"])
    return bool(left)


def rejoin(list, row, ip=None):
    """Undo by the person himself: back on the list, with proof that he wanted it. True if he had left."""
    back = db.session.execute(
        update(Subscription)
        .where(Subscription.list_id == list.id, Subscription.member_id == row["id"], Subscription.state == "left",
               Subscription.left_by == "self")
        .values(state="confirmed", how="undo", joined_at=clock.now(), left_at=None, left_by=None, run_id=None)).rowcount
    if back:
        changes.record("ADD", "L", list.dataset_id, list.id, row, "self", ip=ip)
        changes.record("CON", "L", list.dataset_id, list.id, row, "self", ip=ip)
        consents.prove(list.dataset_id, list.id, row, True, "undo", ip)
    return bool(back)


def for_good(place):
    """Whether a place (the columns of subscriptions) was left by choice, or is suppressed: what no import undoes."""
    return or_(and_(place.state == "left", place.left_by.in_(BY_CHOICE)), place.state == "suppressed")


def has_left(dataset, member_id):
    """Whether a person is gone for good from one of the dataset's lists."""
    ours = select(HostedList.id).where(HostedList.dataset_id == dataset.id)
    place = select(Subscription.id).where(
        Subscription.member_id == member_id, Subscription.list_id.in_(ours), for_good(Subscription))
    return db.session.scalar(place.limit(1)) is not None
