"""The second factor: time-based codes (RFC 6238) and ten codes on paper, each of which works once."""

import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

import pyotp
import segno
from flask import current_app
from sqlalchemy import delete, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.secrets import digest, seal, unseal
from maestro.models import RecoveryCode, User

STEP = 30                                          # seconds
CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"        # none that are mistaken for another


def is_due(user, config):
    """Whether this user has yet to set it up: administrators, where others can reach the admin site."""
    return user.role in ("site", "manager") and not user.totp_on and not is_loopback(config.admin_url)


def is_loopback(url):
    host = urlsplit(url).hostname
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def enrol(user):
    """A new seed that waits for its first code; gives the URI for the authenticator."""
    if user.totp_on:
        raise WrongState("The second factor is on already. Turn it off first.")
    if not user.totp_sealed:
        user.totp_sealed = seal(key(), place(user), pyotp.random_base32())
        db.session.flush()
    return maker(user).provisioning_uri(name=user.email, issuer_name="Maestro")


def picture(uri):
    """The QR code of `uri` as a data URI (SVG)."""
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def confirm(user, code, by):
    """Turn it on with the first good code; gives the recovery codes, which are shown this once."""
    if not is_good(user, code):
        raise Refused("This code is not right. Wait for the next one and try again.", "code")
    user.totp_on = True
    audit.record("user.factor_on", user, by)
    return new_codes(user, by)


def turn_off(user, by):
    user.totp_on, user.totp_sealed = False, None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    audit.record("user.factor_off", user, by)
    db.session.flush()


def is_good(user, code):
    """Whether `code` is one of now, a step sooner or later. A step is used up by its first good code."""
    code = "".join(code.split())
    if not user.totp_sealed or not code.isascii() or not code.isdigit():
        return False
    now, codes = int(clock.now().timestamp()) // STEP, maker(user)
    near = (now, now - 1, now + 1)
    step = next((step for step in near if secrets.compare_digest(codes.generate_otp(step), code)), None)
    if step is None:
        return False
    used = update(User).where(User.id == user.id, User.totp_step < step).values(totp_step=step)
    return bool(db.session.execute(used.execution_options(synchronize_session=False)).rowcount)


def new_codes(user, by):
    """Ten recovery codes in clear; the old ones are void."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, hash=digest(code)) for code in codes)
    db.session.flush()
    audit.record("user.recovery_codes", user, by)
    return codes


def recover(user, code):
    """Use up a recovery code; says whether it was one."""
    mine = (RecoveryCode.user_id == user.id, RecoveryCode.hash == digest(code.strip().lower()),
            RecoveryCode.used_at.is_(None))
    won = db.session.execute(update(RecoveryCode).where(*mine).values(used_at=clock.now())).rowcount
    if won:
        audit.record("user.recovery", user, user)
    return bool(won)


def codes_left(user):
    mine = select(RecoveryCode.id).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return len(db.session.scalars(mine).all())


def maker(user):
    """What makes the codes of a user."""
    return pyotp.TOTP(unseal(key(), place(user), user.totp_sealed))


def key():
    return current_app.extensions["maestro"].SECRET_KEY


def place(user):
    return f"user:totp:{user.id}"
