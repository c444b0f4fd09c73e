"""No form tells who is known here: whoever the address belongs to, the answer is the same, byte for byte."""

import re

import pytest

from maestro.extensions import db
from maestro.lib import clock
from maestro.mailing import authorise
from maestro.models import Suppression
from maestro.site import forwarding, knocks, visiting
from maestro.subscriber import sealed
from maestro.warehouse import erasure, lists, members, sites, subscriptions
from tests.subscriber.conftest import hidden
from tests.writing import ready

CLASSIC = "/list/action/addSubscriberExternally.do"
UNKNOWN = "nobody@example.org"
WHO = {"a member": "dave@example.org", "of another list only": "other@example.org", "who left": "left@example.org",
       "held": "held@example.org", "erased": "gone@example.org", "who said no": "block@example.org",
       "of another dataset": "outside@example.org", "with a password": "word@example.org"}


@pytest.fixture
def people(world, site):
    """Somebody of every kind in WHO."""
    sites.change(site, "test", passwords=True)
    news = lists.create(world.dataset, "News", by="test")
    rows = {who: members.add(world.dataset, WHO[who], {}, by="test")
            for who in ("of another list only", "who left", "erased", "with a password")}
    subscriptions.join(news, rows["of another list only"], by="test")
    members.remove(world.dataset, rows["who left"], "subscriber", cause="self")
    erasure.erase(world.dataset, rows["erased"], by="subscriber", cause="self")
    visiting.set_password(site, rows["with a password"], "correct horse battery 9")
    members.add(world.foreign, WHO["of another dataset"], {}, by="test")
    db.session.add(Suppression(address_key=WHO["held"], group_id=world.group.id, reason="complaint"))
    knocks.block(WHO["who said no"])
    db.session.commit()


def seal_of(place):
    """What a form has that was shown a while ago."""
    shown = str(int(clock.now().timestamp()) - 10)
    return f"{shown}.{sealed.mark(place, shown)}"


@pytest.fixture
def area(client, site, visitor, inbox):
    """The subscriber area of Dave, to change his address."""
    visitor.log_in(inbox)
    return hidden(client.get(f"/s/{site.key}/me").text, "guard")


@pytest.fixture
def mail(app, world, work):
    """The link by which Dave forwards a mail."""
    world.offers.forwards = True
    job = ready(world, html="<p>Look</p>{{*SenderAddress}} {{*UnsubscribeURL}}", text="")
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    return "/f/" + app.extensions["tokens"].mint("f", job.id << 32 | 1)


FORMS = {                                          # (url, form without the address)
    "subscribing": lambda site, list: (f"/s/{site.key}/subscribe", {"seal": seal_of(site.key), "list": list.key}),
    "subscribing, filled in": lambda site, list: (f"/s/{site.key}/subscribe", {
        "seal": seal_of(site.key), "list": list.key, "details": "1", "consent": "1"}),
    "log-in by mail": lambda site, list: (f"/s/{site.key}/login", {"seal": seal_of(site.key)}),
    "log-in by password": lambda site, list: (f"/s/{site.key}/login", {
        "seal": seal_of(site.key), "password": "wrong horse battery"}),
    "whole links": lambda site, list: ("/u", {"seal": seal_of("u")}),
    "a new password": lambda site, list: (f"/s/{site.key}/password", {"seal": seal_of(site.key)}),
}


def plain(answer, address):
    """An answer without what was typed."""
    text = answer.get_data(as_text=True).replace(address, "").replace(address.replace("@", "&#64;"), "")
    return answer.status_code, set(dict(answer.headers)), re.sub(r'value="[^"]*"', "", text)


def tell_apart(ask):
    """Who among all kinds of people gets another answer than a stranger."""
    known = plain(ask(UNKNOWN, 0), UNKNOWN)
    assert known[0] < 500
    return [who for number, (who, address) in enumerate(WHO.items(), 1)
            if plain(ask(address, number), address) != known]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_the_site_answers_everybody_alike(client, world, site, people, form):
    url, filled = FORMS[form](site, world.offers)
    assert tell_apart(lambda address, number: client.post(
        url, data={**filled, "address": address}, environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"})) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_address_for_scripts_answers_everybody_alike(client, world, site, people, method):
    assert tell_apart(lambda address, number: getattr(client, method)(
        CLASSIC, query_string={"mListId": f"HL#{world.offers.id}", "mSubscriber": address},
        environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"})) == []


def test_its_twin_answers_everybody_alike(client, world, site, people):
    assert tell_apart(lambda address, number: client.post(
        f"/api/v1/lists/{world.offers.key}/subscribers", json={"address": address},
        environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"})) == []


def test_a_change_of_address_answers_alike_whoever_has_the_new_one(client, site, people, area):
    def ask(address, number):
        return client.post(f"/s/{site.key}/me", data={"act": "address", "guard": area, "address": address},
                           environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"}, follow_redirects=True)
    known = plain(ask(UNKNOWN, 0), UNKNOWN)
    assert known[0] == 200
    others = {who: plain(ask(address, number), address) for number, (who, address) in enumerate(list(WHO.items())[1:])}
    assert {who for who, told in others.items() if told[:2] != known[:2]} == set()


def test_forwarding_to_a_friend_answers_everybody_alike(client, people, mail, monkeypatch):
    monkeypatch.setattr(forwarding, "IN_ALL", 100)
    form = {"name": "Dave", "note": "", "send": "1"}
    assert tell_apart(lambda address, _number: client.post(mail, data={**form, "friends": address})) == []
    assert tell_apart(lambda address, _number: client.post(mail, data={**form, "friends": address})) == []
