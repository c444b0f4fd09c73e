"""Leaving by the mail program's button and by the page: no cookie, no redirect, nothing changed by looking."""

import re

import pytest

from maestro.extensions import db
from maestro.models import Change, Consent, Knock, MailedLink, Subscription, Suppression
from maestro.warehouse import lists, members, subscriptions
from tests.subscriber.conftest import hidden

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(app, world):
    return "/u/" + app.extensions["tokens"].mint("u", db.session.query(Subscription).one().id, 0)


def state():
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Subscription).order_by(Subscription.id).first().state


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_the_link_changes_nothing(client, link, method):
    assert getattr(client, method)(link).status_code == 200
    assert state() == "confirmed"
    assert db.session.query(Consent).count() == 0


def test_the_page_names_the_list_masks_the_address_and_has_one_main_button(client, link):
    page = client.get(link).text
    assert "Offers" in page and "d••••@example.org" in page and "dave@" not in page
    assert len(re.findall("<button", page)) == 1
    assert "<script" not in page


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_answers_200_with_one_line_and_sets_no_cookie(client, link, kind):
    answer = client.post(link, data=ONE_CLICK, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert len(answer.text.splitlines()) == 1
    assert "Set-Cookie" not in answer.headers and "Location" not in answer.headers
    assert state() == "left"
    assert client.post(link, data=ONE_CLICK, content_type=kind).status_code == 200
    assert db.session.query(Consent).count() == 1


def test_one_click_works_for_somebody_who_is_not_stored_any_more(client, link, world):
    members.remove(world.dataset, world.dave, "test")
    db.session.commit()
    assert client.post(link, data=ONE_CLICK).status_code == 200
    assert "not stored here any more" in client.get(link).text


@pytest.mark.parametrize("spoil", [lambda link: link[:-1] + ("A" if link[-1] != "A" else "B"), lambda link: link[:-3],
                                   lambda link: link.replace("/u/", "/u/x"), lambda link: "/u/é"])
def test_a_broken_link_is_404_and_says_what_to_do(client, link, spoil):
    for answer in (client.get(spoil(link)), client.post(spoil(link), data=ONE_CLICK)):
        assert answer.status_code == 404
        assert "Open it from the mail again" in answer.text
    assert state() == "confirmed"


def test_who_holds_a_broken_link_is_mailed_whole_ones(client, site, world, inbox):
    page = client.get("/u/broken").text
    assert "Set-Cookie" not in client.get("/u/broken").headers
    asked = {"seal": hidden(page, "seal"), "address": "Dave@Example.org"}
    assert "Check your inbox" in client.post("/u", data=asked).text
    [mail] = inbox("dave@example.org")
    whole = re.findall(r"http://127\.0\.0\.1:20080(/u/[\w-]+)", mail)
    assert len(whole) == 2 and "- Offers" in mail
    assert "Offers" in client.get(whole[0]).text and "Customers" in client.get(whole[1]).text
    client.post(whole[0], data=ONE_CLICK)
    assert state() == "left"
    client.post("/u", data=asked)
    assert len(re.findall(r"/u/", inbox("dave@example.org")[1])) == 1
    client.post(whole[1], data=ONE_CLICK)
    assert members.get(world.dataset, world.dave["id"])["state"] == "left"
    client.post("/u", data=asked)
    client.post("/u", data={**asked, "address": "nobody@example.org"})
    assert len(inbox("dave@example.org")) == 2 and inbox("nobody@example.org") == []
    assert db.session.query(MailedLink).count() == 0


def test_whole_links_are_mailed_three_times_an_hour_and_never_to_who_must_get_nothing(client, site, inbox, world):
    asked = {"seal": hidden(client.get("/u/broken").text, "seal"), "address": "dave@example.org"}
    for number in range(5):
        client.post("/u", data=asked, environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"})
    assert len(inbox("dave@example.org")) == 3
    db.session.query(Knock).delete()
    db.session.add(Suppression(address_key="dave@example.org", group_id=world.group.id, reason="complaint"))
    db.session.commit()
    client.post("/u", data=asked)
    assert len(inbox("dave@example.org")) == 3


def test_the_form_of_a_broken_link_judges_what_is_typed(client):
    page = client.get("/u/broken").text
    assert client.post("/u", data={"address": "dave@example.org"}).status_code == 403
    refused = client.post("/u", data={"seal": hidden(page, "seal"), "address": "dave"})
    assert refused.status_code == 422 and "An address has a name" in refused.text and 'value="dave"' in refused.text
    trapped = client.post("/u", data={"seal": hidden(page, "seal"), "address": "dave@example.org", "website": "x"})
    assert trapped.status_code == 200 and db.session.query(MailedLink).count() == 0


def test_a_token_of_another_kind_opens_nothing(app, client, link):
    other = "/u/" + app.extensions["tokens"].mint("p", db.session.query(Subscription).one().id, 0)
    assert client.post(other, data=ONE_CLICK).status_code == 404
    assert state() == "confirmed"


def test_pressing_the_button_leaves_and_undo_comes_back(client, link):
    page = client.post(link, data={"confirm": "1"}).text
    assert "You are off <i>Offers</i>." in page and 'name="undo"' in page
    assert state() == "left"
    assert "You are off" in client.get(link).text
    assert "again" in client.post(link, data={"undo": "1"}).text
    assert state() == "confirmed"


def test_a_reason_may_be_given_afterwards_and_fewer_mails_before(client, link):
    assert "/p/" in client.get(link).text
    page = client.post(link, data={"confirm": "1"}).text
    assert 'value="too_many"' in page and "/p/" not in page
    assert "You stay unsubscribed" in client.post(link, data={"reason": "too_many"}).text
    assert state() == "left" and db.session.query(Subscription).one().reason == "too_many"
    assert client.post(link, data={"reason": "x" * 30}).status_code == 422


def test_a_post_without_a_button_asks_for_one(client, link):
    assert client.post(link, data={"List-Unsubscribe": "Two-Click"}).status_code == 400
    assert state() == "confirmed"


def test_all_lists_are_left_and_come_back_together(client, link, world):
    news = lists.create(world.dataset, "News", by="test")
    subscriptions.join(news, world.dave, by="test")
    db.session.commit()
    assert "Leave all our lists" in client.get(link).text
    page = client.post(link, data={"all": "1"}).text
    assert "You are off all our lists." in page
    numbers = re.findall(r'name="list" value="(\d+)"', page)
    assert len(numbers) == 2
    client.post(link, data={"undo": "1", "list": numbers})
    assert {row.state for row in db.session.query(Subscription)} == {"confirmed"}


def test_the_link_of_a_test_delivery_does_nothing_and_says_so(app, client, world):
    link = "/u/" + app.extensions["tokens"].mint("u", 0, 0)
    before = db.session.query(Change).count()
    assert "test delivery" in client.get(link).text
    assert "test delivery" in client.post(link, data={"confirm": "1"}).text
    assert client.post(link, data=ONE_CLICK).status_code == 200
    assert db.session.query(Change).count() == before


def test_a_list_and_a_person_with_html_in_their_names_are_only_text(client, link, world):
    world.offers.name = "<img src=x onerror=alert(1)>"
    db.session.commit()
    assert "<img" not in client.get(link).text
