"""Signing somebody up from outside: one address as scripts know it, one in JSON; both only ask for a confirmation."""

import pytest

from maestro.extensions import db
from maestro.external import subscribers
from maestro.lib.errors import Refused
from maestro.models import MailedLink
from maestro.warehouse import members, sites

CLASSIC = "/list/action/addSubscriberExternally.do"


@pytest.fixture
def site(world):
    site = sites.of(world.dataset)
    site.state = "open"
    db.session.commit()
    return site


def classic(client, world, subscriber, **more):
    return client.get(CLASSIC, query_string={
        "mContainer": world.dataset.id, "mOwner": f"N{world.group.id}", "mListId": f"HL#{world.offers.id}",
        "mSubscriber": subscriber, **more})


def asked():
    db.session.expire_all()
    return db.session.query(MailedLink).filter_by(purpose="join").all()


@pytest.mark.parametrize(("subscriber", "more"), [
    ("eve@example.org", {"first_name": "Eve"}), ('{"address": "eve@example.org", "First_Name": "Eve"}', {}),
    ("address=eve%40example.org&first_name=Eve", {}), ("eve@example.org", {"mContainer": "2", "first_name": "Eve"}),
])
def test_the_classic_address_asks_for_a_confirmation_and_answers_ok(client, world, site, subscriber, more):
    answer = classic(client, world, subscriber, **more)
    assert (answer.status_code, answer.text) == (200, "OK")
    [link] = asked()
    assert link.address == "eve@example.org" and link.data["values"] == {"first_name": "Eve"}
    assert link.data["how"] == "api" and not members.find(world.dataset, "eve@example.org")


def test_known_and_unknown_get_the_same_answer(client, world, site):
    known, new = (classic(client, world, address) for address in ("dave@example.org", "new@example.org"))
    assert (known.status_code, known.data) == (new.status_code, new.data)


@pytest.mark.parametrize(("changed", "status"), [
    ({"mListId": "HL#999"}, 404), ({"mListId": "x"}, 404), ({"mSubscriber": "nobody"}, 422),
    ({"mSubscriber": "{"}, 422), ({"city": "Rome"}, 422), ({"mSubscriber": '{"a":' * 9000}, 422),
    ({"mSubscriber": '{"address": "eve@example.org", "first_name": "\\ud800"}'}, 422),
])
def test_what_is_wrong_is_one_line(client, world, site, changed, status):
    answer = classic(client, world, "eve@example.org", **changed)
    assert answer.status_code == status and answer.text and "\n" not in answer.text and not asked()


@pytest.mark.parametrize("change", [
    {"state": "subscribers"}, {"state": "unsubscribes"}, {"is_closed": True}])
def test_it_is_there_for_open_sites_only(client, world, site, change):
    for name, value in change.items():
        setattr(site, name, value)
    db.session.commit()
    assert classic(client, world, "eve@example.org").status_code == 404
    twin = client.post(f"/api/v1/lists/{world.offers.key}/subscribers", json={"address": "e@example.org"})
    assert twin.status_code == 404


def test_the_twin_takes_and_gives_json_and_may_be_called_by_any_page(client, world, site):
    url = f"/api/v1/lists/{world.offers.key}/subscribers"
    answer = client.post(url, json={"address": "eve@example.org", "fields": {"city": "York"}, "language": "de"})
    assert answer.status_code == 202 and answer.json == {"state": "confirmation"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in answer.headers
    assert asked()[0].data["values"] == {"city": "York"}
    refused = client.post(url, json={"address": "eve@example.org", "fields": {"city": "Rome"}})
    assert refused.status_code == 422 and refused.json["field"] == "city"
    for body in ("x", '{"address":' * 9000, '{"address": "\\ud800@example.org"}'):
        assert client.post(url, data=body, content_type="application/json").status_code == 422
    assert client.options(url).status_code == 204


@pytest.mark.parametrize(("text", "found"), [
    ("", {}), (" a@example.org ", {"address": "a@example.org"}), ("a=b@example.org", {"address": "a=b@example.org"}),
    ("address=a%40example.org", {"address": "a@example.org"}), ('{"address": "a"}', {"address": "a"}),
])
def test_subscriber_data_is_an_address_or_fields(text, found):
    assert subscribers.subscriber(text) == found


def test_broken_subscriber_data_is_refused():
    with pytest.raises(Refused):
        subscribers.subscriber("{x")


@pytest.mark.parametrize(("text", "found"), [
    ("HL#12", 12), ("hl#7", 7), ("12", 12), ("", None), ("HL#", None), ("²", None)])
def test_a_list_is_named_by_its_number(text, found):
    assert subscribers.number(text) == found
