"""Brakes against guessing. A try is counted before it is judged, in SQL, under keyed hashes of account and address."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, func, select

from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import TooMany
from maestro.lib.secrets import fingerprint
from maestro.lib.tongues import gettext as _
from maestro.lib.wording import span
from maestro.models import LoginAttempt

ACCOUNT, ACCOUNT_SPAN = 10, timedelta(minutes=15)  # free tries of an account; then a delay that doubles
FIRST_DELAY, LONGEST_DELAY = 30, 900               # seconds
PLACE, PLACE_SPAN = 100, timedelta(hours=1)        # tries from one address
GUESSES = 30                                       # wrong trigger tokens from one address in an hour


def take(what, account, ip):
    """Count a try at `what` (password, code, reset) for `account` from `ip`, or refuse it. The door commits at once."""
    account, place = key(what, account), key("ip", ip)
    lock(account)
    brake_account(account)
    brake_place(place)
    now = clock.now()
    db.session.add_all([LoginAttempt(key=account, at=now), LoginAttempt(key=place, at=now)])
    db.session.flush()


def forgive(what, account, ip):
    """The try was right: it and the ones before it do not count against the account."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.key == key(what, account)))
    last = select(func.max(LoginAttempt.id)).where(LoginAttempt.key == key("ip", ip)).scalar_subquery()
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.id == last))


def brake_account(account):
    count, last, _ = tries(account, ACCOUNT_SPAN)
    if count >= ACCOUNT:
        delay = min(FIRST_DELAY * 2 ** (count - ACCOUNT), LONGEST_DELAY)
        wait_until(last + timedelta(seconds=delay))


def brake_place(place):
    count, _, first = tries(place, PLACE_SPAN)
    if count >= PLACE:
        wait_until(first + PLACE_SPAN)


def tries(attempt, since):
    """How often, when last and when first, within `since`."""
    counted = select(func.count(), func.max(LoginAttempt.at), func.min(LoginAttempt.at))
    return db.session.execute(counted.where(LoginAttempt.key == attempt, LoginAttempt.at > clock.now() - since)).one()


def wait_until(moment):
    seconds = (moment - clock.now()).total_seconds()
    if seconds > 0:
        raise TooMany(_("Too many tries. Wait %(time)s and try again.", time=span(max(seconds, 1))), seconds)


def lock(mark):
    """Let tries under one mark (that `key` made) come one after the other. On SQLite, writers do so anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(int(mark[-15:], 16))))


def key(what, text):
    return f"{what}:{fingerprint(current_app.extensions['maestro'].SECRET_KEY, 'throttle', text.lower())}"


def tidy():
    """Forget tries that count no more."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.at < clock.now() - PLACE_SPAN))


def brake_guesses(ip):
    """Refuse whoever has tried 30 wrong trigger tokens within an hour."""
    count, _, first = tries(key("trigger", ip), PLACE_SPAN)
    if count >= GUESSES:
        wait_until(first + PLACE_SPAN)


def count_guess(ip):
    db.session.add(LoginAttempt(key=key("trigger", ip), at=clock.now()))
    db.session.flush()
