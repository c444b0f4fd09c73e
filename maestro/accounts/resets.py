"""Links by which a user sets a password. They work once, for a short time, and never skip the second factor."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from maestro import audit, notices
from maestro.accounts import settings, users
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound
from maestro.lib.secrets import digest
from maestro.models import ResetToken, User

LIFE = timedelta(minutes=10)
INVITED = timedelta(days=3)                        # for a link that an administrator hands over
GONE = "This link does not work any more. Ask for a new one."


def ask(email, config):
    """Mail a link to the user with this address. Nothing tells the asker whether there is one.

    In safe mode nothing is written: a link in the Outbox could be read by others.
    """
    user = users.by_email(email)
    if user and user.is_active and settings.smtp_url(config):
        link = f"{config.admin_url}/reset/{mint(user, LIFE)}"
        notices.password_link(user, link, LIFE.total_seconds() / 60, settings.notices_from(config))
        audit.record("user.reset_asked", user, user)


def invite(user, config, by):
    """A link for an administrator to hand over; mailed too where mail is sent."""
    users.check_managed(user, by)
    link = f"{config.admin_url}/reset/{mint(user, INVITED)}"
    if settings.smtp_url(config):
        notices.password_link(user, link, INVITED.total_seconds() / 60, settings.notices_from(config))
    audit.record("user.invite", user, by)
    return link


def mint(user, life):
    """A new token; the user's older ones are void."""
    db.session.execute(delete(ResetToken).where(ResetToken.user_id == user.id))
    token = secrets.token_urlsafe(32)
    db.session.add(ResetToken(user_id=user.id, hash=digest(token), expires_at=clock.now() + life))
    db.session.flush()
    return token


def owner(token):
    """The user whose password a link sets; refuses one that is used, over or unknown."""
    found = db.session.scalar(select(User).join(ResetToken, ResetToken.user_id == User.id).where(*good(token)))
    if not found or not found.is_active:
        raise NotFound(GONE)
    return found


def use(token, password, config):
    """Set the password. Every session ends, none begins."""
    user = owner(token)
    users.set_password(user, password, by=user)
    won = db.session.execute(update(ResetToken).where(*good(token)).values(used_at=clock.now())).rowcount
    if not won:
        raise NotFound(GONE)
    if settings.smtp_url(config):
        notices.password_changed(user, settings.notices_from(config))


def good(token):
    return ResetToken.hash == digest(token), ResetToken.used_at.is_(None), ResetToken.expires_at > clock.now()


def tidy():
    """Forget links that are over."""
    db.session.execute(delete(ResetToken).where(ResetToken.expires_at < clock.now()))
