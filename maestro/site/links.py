"""Links in the mails of the site: asked for by a form, mailed by a worker, good once and for a while.

The form only writes down what was asked. Whether the address is known is found out by the worker, so that neither
the page nor its time tells it.
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound
from maestro.lib.secrets import digest
from maestro.lib.tongues import gettext as _
from maestro.models import MailedLink

LIVES = {"log_in": timedelta(minutes=15), "password": timedelta(minutes=10), "address": timedelta(days=7)}
KEPT = timedelta(days=30)                          # a request is known for so long, and who never confirmed


def ask(site, purpose, judged, ip, member_id=None, delay=timedelta(), **data):
    """Write down that a link of `purpose` is to be mailed to an address; `data` is what it does."""
    now = clock.now()
    life = LIVES.get(purpose) or timedelta(days=site.confirm_days)
    db.session.add(MailedLink(
        dataset_id=site.dataset_id, purpose=purpose, hash=digest(secrets.token_urlsafe(32)), member_id=member_id,
        address=judged.given, address_key=judged.key, data=data, ip=ip, due_at=now + delay,
        expires_at=now + delay + life))
    db.session.flush()


def arm(link):
    """Give a link its token, for the mail; what was mailed before for the same purpose is void, but for sign-ups."""
    token = secrets.token_urlsafe(32)
    link.hash, link.mailed_at = digest(token), clock.now()
    if link.purpose != "join":
        db.session.execute(delete(MailedLink).where(
            MailedLink.dataset_id == link.dataset_id, MailedLink.purpose == link.purpose, MailedLink.id < link.id,
            MailedLink.address_key == link.address_key).execution_options(synchronize_session=False))
    db.session.flush()
    return token


def read(token):
    """The link with this token, whatever has become of it. Raises NotFound."""
    link = db.session.scalar(select(MailedLink).where(MailedLink.hash == digest(token)))
    if not link:
        raise NotFound(_("This link does not work any more. Ask for a new one."))
    return link


def is_good(link):
    return link.used_at is None and clock.now() < link.expires_at


def take(link):
    """Use a link up. Of two presses at once, one wins."""
    won = db.session.execute(
        update(MailedLink)
        .where(MailedLink.id == link.id, MailedLink.used_at.is_(None), MailedLink.expires_at > clock.now())
        .values(used_at=clock.now()).execution_options(synchronize_session=False)).rowcount
    db.session.refresh(link)
    return bool(won)


def waiting(limit=50):
    """Links whose mail is to be written now, for this process alone."""
    found = select(MailedLink).where(MailedLink.mailed_at.is_(None), MailedLink.due_at <= clock.now())
    return db.session.scalars(found.order_by(MailedLink.id).limit(limit).with_for_update(skip_locked=True)).all()


def is_waiting():
    found = select(MailedLink.id).where(MailedLink.mailed_at.is_(None), MailedLink.due_at <= clock.now())
    return db.session.scalar(found.limit(1)) is not None


def tidy():
    db.session.execute(delete(MailedLink).where(MailedLink.created_at < clock.now() - KEPT))
