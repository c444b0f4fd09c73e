"""People who signed up and have not confirmed yet: noted as such, reminded once, forgotten after thirty days."""

from datetime import timedelta

from sqlalchemy import delete, insert, select

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Dataset, HostedList, MailedLink, Subscription
from maestro.site import knocks, letters, links
from maestro.site.signup import dataset_of, lists_of, site_of
from maestro.warehouse import members, subscriptions, tables

REMIND_AFTER = timedelta(days=3)


def note(link, row):
    """Rows that show the sign-up as unconfirmed. Who left keeps the row that says so."""
    now, people = clock.now(), tables.table(dataset_of(link))
    if not row:
        db.session.execute(insert(people).values(address=link.address, address_key=link.address_key,
                                                 state="unconfirmed", how=link.data["how"], joined_at=now))
        row = members.find(dataset_of(link), link.address)
    for list in lists_of(link):
        if not subscriptions.get(list, row["id"]):
            db.session.add(Subscription(list_id=list.id, member_id=row["id"], state="unconfirmed", how=link.data["how"],
                                        joined_at=now))
    db.session.flush()


def remind():
    """One reminder, after three days, to who has not confirmed."""
    open_ones = select(MailedLink).where(
        MailedLink.purpose == "join", MailedLink.used_at.is_(None), MailedLink.reminded_at.is_(None),
        MailedLink.mailed_at < clock.now() - REMIND_AFTER, MailedLink.expires_at > clock.now() + knocks.DAY)
    open_ones = open_ones.order_by(MailedLink.id).limit(200).with_for_update(skip_locked=True)
    for link in db.session.scalars(open_ones).all():
        link.reminded_at = clock.now()
        if may_remind(link.address_key):
            again = copied(link)
            letters.reminder(site_of(link), again, links.arm(again), lists_of(link))


def may_remind(address_key):
    """Once a month at most, however many sign-ups somebody made for this address."""
    first = knocks.is_first(knocks.key("again", address_key), links.KEPT)
    return first and not knocks.is_blocked(address_key)


def copied(link):
    """The same request under another token: of the one before only the hash is known."""
    again = MailedLink(
        dataset_id=link.dataset_id, purpose=link.purpose, hash=f"again {link.id}", member_id=link.member_id, ip=link.ip,
        address=link.address, address_key=link.address_key, data=link.data, due_at=link.due_at,
        created_at=link.created_at, expires_at=link.expires_at, reminded_at=link.reminded_at)
    db.session.add(again)
    return again


def tidy():
    """Forget who has not confirmed for thirty days."""
    for dataset in db.session.scalars(select(Dataset)).all():
        forget(dataset)


def forget(dataset, keys=None):
    """Delete unconfirmed people and places: those with these addresses, or all that are too old."""
    people = tables.table(dataset)
    mine = select(HostedList.id).where(HostedList.dataset_id == dataset.id)
    old = people.c.joined_at < clock.now() - links.KEPT
    places = [Subscription.state == "unconfirmed", Subscription.list_id.in_(mine)]
    if keys is None:
        places.append(Subscription.joined_at < clock.now() - links.KEPT)
    else:
        places.append(Subscription.member_id.in_(select(people.c.id).where(people.c.address_key.in_(keys))))
    db.session.execute(delete(Subscription).where(*places).execution_options(synchronize_session=False))
    elsewhere = select(Subscription.member_id).where(Subscription.list_id.in_(mine))
    db.session.execute(delete(people).where(
        people.c.state == "unconfirmed", people.c.id.not_in(elsewhere),
        old if keys is None else people.c.address_key.in_(keys)))
