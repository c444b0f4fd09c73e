"""The site of the dataset, open, and what its visitors do in a browser without scripts."""

import re
from types import SimpleNamespace

import pytest

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib.mails import Mail
from maestro.models import Change, OutboxMessage
from maestro.warehouse import sites


@pytest.fixture
def site(world):
    found = sites.of(world.dataset)
    sites.change(found, "test", state="open")
    db.session.commit()
    return found


@pytest.fixture
def inbox(app, work):
    """The mails of the Outbox to an address, oldest first, as texts; asking does the work that is due."""
    def read(address="eve@example.org"):
        work()
        found = db.session.query(OutboxMessage).filter_by(address=address).order_by(OutboxMessage.id)
        return [Mail(outbox.read(message)).text for message in found]
    return read


@pytest.fixture
def log():
    """The change log since it was asked for: [(code, level, list_id, cause, ip)]."""
    last = db.session.query(Change.id).order_by(Change.id.desc()).limit(1).scalar() or 0

    def since():
        db.session.rollback()
        found = db.session.query(Change).filter(Change.id > last).order_by(Change.id)
        return [(entry.code, entry.level, entry.list_id, entry.cause, entry.ip) for entry in found]
    return since


def hidden(page, name):
    """The value of a hidden input, or None."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found and found[1]


def link_of(mail, path="/c/"):
    return re.search(rf"http://127\.0\.0\.1:20080({path}[\w-]+)", mail)[1]


@pytest.fixture
def visitor(client, site, world, turn):
    """Fills in the forms of the site."""
    def sign_up(address="eve@example.org", lists=None, ip="192.0.2.7", **fields):
        url, env = f"/s/{site.key}/subscribe", {"REMOTE_ADDR": ip}
        seal = hidden(client.get(url).text, "seal")
        turn(3)
        keys = [list.key for list in lists or [world.offers]]
        first = client.post(url, data={"seal": seal, "address": address, "list": keys}, environ_overrides=env)
        if first.status_code != 200:
            return first
        return client.post(url, data={"seal": seal, "address": address, "list": keys, "details": "1", "consent": "1",
                                      **{f"f_{name}": value for name, value in fields.items()}}, environ_overrides=env)

    def log_in(mails, address="dave@example.org"):
        url = f"/s/{site.key}/login"
        client.post(url, data={"seal": hidden(client.get(url).text, "seal"), "address": address})
        return client.post(link_of(mails(address)[-1]), follow_redirects=True)

    def act(verb, url=None, **data):
        url = url or f"/s/{site.key}/me"
        guard = hidden(client.get(url).text, "guard") or ""
        return client.post(url, data={"act": verb, "guard": guard, **data},
                           environ_overrides={"REMOTE_ADDR": "192.0.2.8"})

    return SimpleNamespace(sign_up=sign_up, log_in=log_in, act=act)
