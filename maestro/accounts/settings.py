"""The settings of the installation that are changed in the product: one catalogue, checked when written."""

from typing import NamedTuple
from urllib.parse import quote, urlsplit

from flask import current_app
from sqlalchemy import select

from maestro import audit
from maestro.extensions import db
from maestro.lib import addresses, clock, secrets
from maestro.lib.errors import Refused
from maestro.lib.tongues import LANGUAGES
from maestro.models import Setting

TLS = ("starttls", "tls", "none")
PLACE = "setting:value:smtp"                       # what the sealed password is bound to


class Kind(NamedTuple):
    """A setting: what it is before anybody sets it, and the check that gives back the value to store."""

    default: object
    check: object


def words(limit):
    def check(value):
        value = str(value).strip()
        if len(value) > limit or any(ord(letter) < 32 and letter not in "\r\n" for letter in value):
            raise Refused(f"This may have at most {limit} ordinary characters.")
        return value
    return check


def whole(low, high):
    def check(value):
        if not isinstance(value, int) or not low <= value <= high:
            raise Refused(f"This is a whole number between {low} and {high}.")
        return value
    return check


days = whole(0, 36500)


def one_of(choices):
    def check(value):
        if value not in choices:
            raise Refused(f"This is one of {', '.join(list(choices)[:8])}.")
        return value
    return check


def zone(value):
    if value not in clock.zones():
        raise Refused("This is not the name of a time zone, such as Europe/Vienna.")
    return value


def address(value):
    return addresses.judge(value).given if value.strip() else ""


def smtp(value):
    """`value`: host, port, tls, user, password (sealed) and connections; an empty host means safe mode."""
    return {"host": words(253)(value["host"]), "port": whole(1, 65535)(value["port"]), "tls": one_of(TLS)(value["tls"]),
            "user": words(320)(value["user"]), "password": value["password"],
            "connections": whole(1, 100)(value["connections"])}


NO_SMTP = {"host": "", "port": 587, "tls": "starttls", "user": "", "password": "", "connections": 10}
CATALOGUE = {
    "organisation": Kind("", words(200)),
    "address": Kind("", words(1000)),              # postal; stands in every mailing
    "zone": Kind("UTC", zone),                     # of the change log and of everything that shows a time
    "language": Kind("en", one_of(LANGUAGES)),
    "grace": Kind(None, whole(0, 600)),            # seconds to undo a delivery; None: MAESTRO_GRACE
    "changelog_days": Kind(365, whole(0, 36500)),  # how long daily change-log files are kept; 0: for ever
    "test_required": Kind("required", one_of(("required", "warn", "off"))),
    "csv_guard": Kind(True, one_of((True, False))),    # exports for spreadsheets disarm formulas unless told otherwise
    "sender_id": Kind("maestro", words(40)),       # names us in the Feedback-ID header
    "notices_from": Kind("", address),             # sender of mails to users; empty: maestro@ and the public host
    "smtp": Kind(NO_SMTP, smtp),
    "keep_changes": Kind(400, days),               # days, 0 for ever; what each keeps: site/retention.py
    "keep_change_ips": Kind(90, days),
    "keep_consent_ips": Kind(90, days),
    "keep_addresses": Kind(90, days),
    "keep_readers": Kind(180, days),
    "keep_posts": Kind(30, days),
    "keep_forwards": Kind(400, days),
    "keep_audit": Kind(730, days),
}


def get(name):
    """The value of a setting, its default while nobody has set it."""
    default = CATALOGUE[name].default
    value = db.session.scalar(select(Setting.value).where(Setting.name == name))
    if value is None and name == "grace":
        return current_app.extensions["maestro"].GRACE
    return default if value is None else value


def put(name, value, by):
    """Check and store a setting. The audit says which one changed, not to what."""
    try:
        value = CATALOGUE[name].check(value)
    except Refused as refusal:
        raise Refused(refusal.sentence, name) from None
    if value == get(name):
        return
    row = db.session.scalar(select(Setting).where(Setting.name == name)) or Setting(name=name)
    row.value = value
    db.session.add(row)
    db.session.flush()
    audit.record("settings.change", None, by, name=name)


def put_smtp(host, port, tls, user, password, connections, by):
    """Store the outgoing server. `password` None keeps the one that is stored."""
    key = current_app.extensions["maestro"].SECRET_KEY
    sealed = get("smtp")["password"] if password is None else password and secrets.seal(key, PLACE, password)
    found = {"host": host, "port": port, "tls": tls, "user": user, "password": sealed, "connections": connections}
    put("smtp", found, by)


def smtp_url(config):
    """The outgoing server in force as a URL, None in safe mode. The environment beats the settings page."""
    if config.SMTP_URL:
        return config.SMTP_URL
    found = get("smtp")
    if not found["host"]:
        return None
    password = found["password"] and secrets.unseal(config.SECRET_KEY, PLACE, found["password"])
    login = f"{quote(found['user'], safe='')}:{quote(password, safe='')}@" if found["user"] else ""
    host = f"[{found['host']}]" if ":" in found["host"] else found["host"]
    scheme, tls = ("smtps", "") if found["tls"] == "tls" else ("smtp", f"tls={found['tls']}&")
    return f"{scheme}://{login}{host}:{found['port']}?{tls}connections={found['connections']}"


def notices_from(config):
    """The sender of mails that we write to users."""
    return get("notices_from") or f"maestro@{urlsplit(config.public_url).hostname}"
