"""External actions: the token of each thing that can be triggered from outside, its rules, and the log of its calls."""

import ipaddress
import secrets
from urllib.parse import quote

from flask import current_app
from sqlalchemy import select

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound, Refused
from maestro.lib.secrets import fingerprint, seal, unseal
from maestro.models import Action, ActionCall, Exporter, Importer

LETTERS, LENGTH = "abcdefghijklmnopqrstuvwxyz234567", 26      # 130 random bits
SUBJECTS = {"import": Importer, "export": Exporter}
PATH = "/lui/externalAction.do"
GAPS = (0, 86_400)                                 # seconds, least and most
NETWORKS = 50                                      # lines of an allow-list


def of(kind, subject, by):
    """The action that starts `subject`, made when first asked for."""
    found = find(kind, subject)
    if not found:
        group_id = subject.dataset.group_id
        found = Action(group_id=group_id, kind=kind, subject_id=subject.id, hash=secrets.token_hex(32), sealed="")
        db.session.add(found)
        db.session.flush()
        give_token(found)
    return found


def find(kind, subject):
    return db.session.scalar(select(Action).where(Action.kind == kind, Action.subject_id == subject.id))


def give_token(action):
    made = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    action.hash, action.sealed = keyed(made), seal(master(), place(action), made)
    db.session.flush()
    return made


def master():
    return current_app.extensions["maestro"].SECRET_KEY


def place(action):
    return f"action:sealed:{action.id}"


def keyed(token):
    """How a token is found without being stored."""
    return fingerprint(master(), "action/1", token)


def show(action, by):
    """The token, for somebody who will put it into a script. Audited."""
    audit.record("token.show", action, by, kind=action.kind)
    return token(action)


def token(action):
    return unseal(master(), place(action), action.sealed)


def renew(action, by):
    """A new token. The old one is unknown from now on, and scripts that use it get 404."""
    made = give_token(action)
    action.renewed_at, action.called_at, action.call_id = clock.now(), None, None
    audit.record("token.renew", action, by, kind=action.kind)
    return made


def set_rules(action, by, gap=None, allow=None, post_only=None):
    """Change the minimum gap (seconds), who may call (networks, one a line) and by which method."""
    if gap is not None:
        if not GAPS[0] <= gap <= GAPS[1]:
            raise Refused(f"The gap is between {GAPS[0]} and {GAPS[1]:,} seconds.", "gap")
        action.gap = gap
    if allow is not None:
        action.allow = "\n".join(str(network) for network in networks(allow))
    if post_only is not None:
        action.post_only = post_only
    audit.record("action.change", action, by, gap=action.gap, post_only=action.post_only,
                 networks=len(action.allow.split()))


def networks(text):
    """The networks of an allow-list: addresses or CIDR, one a line or separated by commas."""
    try:
        found = [ipaddress.ip_network(word, strict=False) for word in text.replace(",", " ").split()]
    except ValueError as problem:
        raise Refused(f"Write addresses or networks like 192.0.2.0/24, one a line: {problem}.", "allow") from None
    if len(found) > NETWORKS:
        raise Refused(f"At most {NETWORKS} networks.", "allow")
    return found


def may_call(action, ip):
    """Whether the allow-list has the caller's address; without a list everybody may."""
    if not action.allow:
        return True
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks(action.allow))


def subject(action):
    """The importer, exporter or job that an action starts."""
    found = db.session.get(SUBJECTS[action.kind], action.subject_id)
    if not found:
        raise NotFound("Not Found")
    return found


def address():
    return f"{current_app.extensions['maestro'].public_url}{PATH}"


def url(token):
    return f"{address()}?token={quote(token)}"


def calls(action, limit=10):
    """The last calls, latest first."""
    mine = select(ActionCall).where(ActionCall.action_id == action.id)
    return db.session.scalars(mine.order_by(ActionCall.id.desc()).limit(limit)).all()


def forget(kind, subject):
    """The thing goes, and its token with its log."""
    if found := find(kind, subject):
        db.session.execute(ActionCall.__table__.delete().where(ActionCall.action_id == found.id))
        db.session.delete(found)
        db.session.flush()
