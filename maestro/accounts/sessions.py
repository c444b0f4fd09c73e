"""Log-ins that are open somewhere. The browser holds 256 random bits, we their hash: our table opens nothing."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.secrets import digest
from maestro.models import UserSession

IDLE = timedelta(hours=2)                          # without a request
WHOLE = timedelta(hours=12)                        # since the log-in
FRESH = timedelta(minutes=10)                      # since the password was given
BESIDES = timedelta(minutes=1)                     # `seen_at` is not written more often


def start(user, ip="", agent="", factor_due=False):
    """Open a session; gives the token for the cookie."""
    token, now = secrets.token_urlsafe(32), clock.now()
    db.session.add(UserSession(user_id=user.id, hash=digest(token), seen_at=now, fresh_at=now, ends_at=now + WHOLE,
                               factor_due=factor_due, ip=ip, agent=agent[:200]))
    db.session.flush()
    return token


def read(token):
    """The open session of a cookie, or None: an id that we did not give out is never taken up."""
    found = db.session.scalar(select(UserSession).where(UserSession.hash == digest(token)))
    return found if found and is_open(found) else None


def is_open(session):
    now = clock.now()
    return now < session.ends_at and now < session.seen_at + IDLE and session.user.is_active


def is_fresh(session):
    """Whether the password was given just now, as sensitive things ask for."""
    return clock.now() < session.fresh_at + FRESH


def is_stale(session):
    """Whether the time of the last request is due to be written."""
    return clock.now() > session.seen_at + BESIDES


def touch(session_id):
    db.session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=clock.now()))


def renew(session, **changes):
    """Give a session a new id, as its rights change; the old cookie is worthless from then on."""
    token = secrets.token_urlsafe(32)
    session.hash = digest(token)
    for name, value in changes.items():
        setattr(session, name, value)
    db.session.flush()
    return token


def freshen(session):
    return renew(session, fresh_at=clock.now())


def mine(user):
    """The open sessions of a user, latest first."""
    rows = select(UserSession).where(UserSession.user_id == user.id).order_by(UserSession.seen_at.desc())
    return [session for session in db.session.scalars(rows) if is_open(session) and not session.factor_due]


def end(session, by):
    audit.record("user.session_end", session.user, by)
    forget(session)


def forget(session):
    db.session.execute(delete(UserSession).where(UserSession.id == session.id))


def end_all(user, but=None):
    """End every session of a user, as the password or the rights behind them are gone; `but` may stay."""
    kept = but.id if but else 0
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.id != kept))


def tidy():
    """Forget what is over anyway."""
    db.session.execute(delete(UserSession).where(
        (UserSession.ends_at < clock.now()) | (UserSession.seen_at < clock.now() - IDLE)))
