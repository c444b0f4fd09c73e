"""The first start: no account is there until somebody who can read the console makes one."""

import secrets
from datetime import timedelta
from hmac import compare_digest

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from maestro import audit
from maestro.accounts import groups, settings, users
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.secrets import digest
from maestro.models import Setting

LIFE = timedelta(minutes=30)
CODE, DONE = "setup.code", "setup.done"            # rows beside the settings; DONE is there once at most
OVER = "Maestro is set up already. Sign in instead."


def setup_code():
    """A new code for /setup/CODE, in place of the one before; None once there is an administrator."""
    if users.has_administrator():
        return None
    code = secrets.token_urlsafe(16)
    db.session.execute(delete(Setting).where(Setting.name == CODE))
    until = (clock.now() + LIFE).timestamp()
    db.session.execute(insert(Setting).values(
        created_at=clock.now(), name=CODE, value={"hash": digest(code), "until": until}))
    return code


def is_open(code):
    """Whether this code lets its bearer set Maestro up."""
    stored = db.session.scalar(select(Setting.value).where(Setting.name == CODE))
    return bool(stored and not users.has_administrator() and clock.now().timestamp() < stored["until"]
                and compare_digest(stored["hash"], digest(code)))


def setup(email, password, organisation, address, zone, language, name=""):
    """The administrator, the first group, and what the installation is called. Of two at once, one is refused."""
    only_once()
    check_words(organisation, address)
    group = groups.create(organisation, by=None)
    user = users.create(email, group, "site", password, name=name)
    given = {"organisation": organisation, "address": address, "zone": zone, "language": language}
    for setting, value in given.items():
        settings.put(setting, value, by=user)
    audit.record("setup.done", group, user, organisation=organisation)
    return {"user": user.id, "group": group.id}


def check_words(organisation, address):
    if not 1 <= len(organisation.strip()) <= 120 or not organisation.isprintable():
        raise Refused("Say the name of your organisation, in at most 120 characters.", "organisation")
    if not address.strip():
        raise Refused("Say your postal address. The law of many countries asks for it in every mailing.", "address")


def only_once():
    """Take the one row that says so; whoever comes second waits for the first and finds it taken."""
    if users.has_administrator():
        raise WrongState(OVER)
    db.session.execute(delete(Setting).where(Setting.name == CODE))
    try:
        db.session.execute(insert(Setting).values(created_at=clock.now(), name=DONE, value=True))
    except IntegrityError:
        raise WrongState(OVER) from None
