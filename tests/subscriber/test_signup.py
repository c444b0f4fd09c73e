"""Signing up, from the form to the confirmed member: proof, limits, and the same answer for everybody."""

import hashlib
import re

from maestro.extensions import db
from maestro.models import Change, Consent, ConsentText, Knock, MailedLink, Subscription, Suppression
from maestro.site import joining, knocks, lost, mailroom, moving, visiting
from maestro.warehouse import fields, lists, members, sites, subscriptions
from tests.subscriber.conftest import hidden, link_of

DAY = 86_400


def person(world, address="eve@example.org"):
    db.session.rollback()
    return members.find(world.dataset, address)


def test_from_the_form_to_the_confirmed_subscriber(client, world, visitor, inbox, log):
    news = lists.create(world.dataset, "News", by="test")
    db.session.commit()
    asked = visitor.sign_up(lists=[world.offers, news], first_name="Eve", city="York")
    assert asked.status_code == 200 and "Check your inbox" in asked.text and "eve@" not in asked.text
    assert "Set-Cookie" not in asked.headers
    [mail] = inbox()
    assert person(world)["state"] == "unconfirmed" and person(world)["first_name"] is None
    assert "192.0.2.0/24" in mail and "- Offers" in mail and log() == []
    link = link_of(mail)
    assert "Confirm" in client.get(link).text and person(world)["state"] == "unconfirmed"
    assert "Welcome" in client.post(link, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}).text
    row = person(world)
    assert (row["state"], row["first_name"], row["city"]) == ("confirmed", "Eve", "York")
    ip = "192.0.2.9"
    assert log() == [("ADD", "D", None, "self", ip),
                     ("ADD", "L", news.id, "self", ip), ("ADD", "L", world.offers.id, "self", ip),
                     ("CON", "L", news.id, "self", ip), ("CON", "L", world.offers.id, "self", ip)]
    proof = db.session.query(Consent).filter_by(list_id=news.id).one()
    text = db.session.get(ConsentText, proof.text_id)
    assert proof.given and proof.ip == ip and proof.asked_at < proof.created_at and "/subscribe" in proof.form
    assert text.version == 1 and "at this address" in text.text
    welcome = inbox()[-1]
    assert "You are on these lists now" in welcome and client.get(link_of(welcome, "/p/")).status_code == 200
    assert "You have confirmed before" in client.post(link).text
    assert len(log()) == 5


def test_the_answer_tells_nothing_about_who_is_known(client, world, visitor, inbox):
    def plain(answer):
        return re.sub(r'name="(seal|address)" value="[^"]*"', "", answer.text)

    answers = {plain(visitor.sign_up(f"{name}@example.org")) for name in ("eve", "dave", "eve")}
    assert len(answers) == 1
    assert "already" in inbox("dave@example.org")[0] and len(inbox()) == 1


def test_ten_thousand_posts_to_one_victim_come_to_three_mails(app, world, site, inbox):
    many = [lists.create(world.dataset, f"List {number}", by="test") for number in range(6)]
    for number in range(100):
        joining.ask(site, [many[number % 6]], "victim@example.org", {}, f"198.51.100.{number}", "en", "form")
        if number % 7 == 0:
            visiting.ask(site, ("log_in", "password")[number % 2], "victim@example.org", f"203.0.113.{number}", "en")
            lost.ask("victim@example.org", f"192.0.2.{number}", "en")
            moving.ask(site, world.dave, "victim@example.org", f"192.0.2.{100 + number}", "en")
        if number % 20 == 0:
            db.session.commit()
            inbox("victim@example.org")            # by the way: as soon as there is a first mail, the address is stored
    db.session.commit()
    assert len(inbox("victim@example.org")) == 3


def test_limits_by_place_and_by_list(client, world, site, visitor, inbox, turn):
    answers = [visitor.sign_up(f"e{number}@example.org", ip="2001:db8::1").status_code for number in range(4)]
    answers.append(visitor.sign_up("e5@example.org", ip="2001:db8::2").status_code)
    refused = visitor.sign_up("e6@example.org", ip="2001:db8::3")
    assert answers == [200] * 5 and refused.status_code == 429 and "ten minutes" in refused.text
    at = db.session.query(Knock.at).first()[0]
    db.session.add_all(Knock(key=f"list:{world.offers.id}", at=at) for _ in range(200))
    db.session.commit()
    turn(1000)
    assert visitor.sign_up("late@example.org", ip="192.0.2.77").status_code == 200
    assert inbox("late@example.org") == []
    turn(12 * 3600)
    assert len(inbox("late@example.org")) == 1


def test_while_a_list_is_crowded_who_solves_the_puzzle_does_not_wait(client, world, site, inbox, turn):
    knocks.note(*[f"list:{world.offers.id}"] * 200)
    db.session.commit()
    url = f"/s/{site.key}/subscribe"
    form = {"seal": hidden(client.get(url).text, "seal"), "address": "eve@example.org", "list": world.offers.key}
    turn(3)
    page = client.post(url, data=form)
    assert 'data-puzzle="16"' in page.text and page.headers["Content-Security-Policy"].endswith("; script-src 'self'")
    text = f"{form['seal']}:eve@example.org:"
    answer = next(number for number in range(10**7)
                  if hashlib.sha256(f"{text}{number}".encode()).digest().startswith(b"\0\0"))
    client.post(url, data=form | {"details": "1", "consent": "1", "answer": answer})
    client.post(url, data=form | {"details": "1", "consent": "1", "answer": answer, "address": "fay@example.org"})
    assert len(inbox()) == 1 and inbox("fay@example.org") == []
    assert "more than 200 times" in inbox("alice@example.org")[0]


def test_machines_are_stopped_before_anything_is_asked(client, world, site, turn):
    url = f"/s/{site.key}/subscribe"
    seal = hidden(client.get(url).text, "seal")
    good = {"seal": seal, "address": "eve@example.org", "list": world.offers.key, "details": "1", "consent": "1"}
    assert "very quick" in client.post(url, data=good).text
    turn(3)
    assert client.post(url, data=good | {"seal": seal[:-1] + "x"}).status_code == 403
    assert client.post(url, data=good | {"seal": ""}).status_code == 403
    assert "Check your inbox" in client.post(url, data=good | {"website": "https://example.org"}).text
    turn(5 * 3600)
    assert client.post(url, data=good).status_code == 403
    assert db.session.query(MailedLink).count() == 0


def test_the_form_says_what_is_missing(client, world, site, visitor):
    fields.create(world.dataset, "Customer", "number", by="test", required=True)
    fields.create(world.dataset, "Secret", "text", by="test", shown="no")
    db.session.commit()
    assert "is no" in visitor.sign_up("eve").text or "has a name" in visitor.sign_up("eve").text
    answer = visitor.sign_up(customer="twelve", city="Paris")
    assert answer.status_code == 422 and "must be a number" in answer.text and "Paris" in answer.text
    assert "Secret" not in answer.text
    assert "must be filled in" in visitor.sign_up().text
    url = f"/s/{site.key}/subscribe"
    form = {"seal": hidden(answer.text, "seal"), "address": "eve@example.org", "list": world.offers.key, "details": "1"}
    assert "Tick the box" in client.post(url, data=form | {"f_customer": "1"}).text


def test_a_link_is_looked_at_by_machines_without_harm(client, world, visitor, inbox):
    visitor.sign_up()
    link = link_of(inbox()[0])
    before = [db.session.query(kind).count() for kind in (Change, Consent, Subscription)]
    for method in ("get", "head", "options"):
        for url in (link, link + "?no=1"):
            assert getattr(client, method)(url).status_code == 200
    assert [db.session.query(kind).count() for kind in (Change, Consent, Subscription)] == before
    assert person(world)["state"] == "unconfirmed"


def test_this_was_not_me_blocks_the_address(client, world, visitor, inbox, turn):
    visitor.sign_up()
    link = link_of(inbox()[0])
    assert "stops here" in client.post(link, data={"no": "1"}).text
    assert person(world) is None and db.session.query(Subscription).count() == 1
    turn(2 * DAY)
    assert visitor.sign_up().status_code == 200 and len(inbox()) == 1
    turn(90 * DAY)
    visitor.sign_up()
    assert len(inbox()) == 2


def test_one_reminder_then_a_new_mail_then_it_is_forgotten(client, world, visitor, inbox, turn):
    visitor.sign_up()
    first = link_of(inbox()[0])
    turn(3 * DAY + 60)
    mailroom.remind()
    mailroom.remind()
    assert len(inbox()) == 2 and "only reminder" in inbox()[1]
    turn(5 * DAY)
    assert "Send a new mail" in client.get(first).text
    assert "new message" in client.post(first).text and len(inbox()) == 3
    assert "Welcome" in client.post(link_of(inbox()[2])).text
    assert person(world)["state"] == "confirmed"
    visitor.sign_up("fay@example.org")
    assert inbox("fay@example.org") and person(world, "fay@example.org")
    turn(31 * DAY)
    mailroom.tidy()
    assert person(world, "fay@example.org") is None and person(world)["state"] == "confirmed"
    assert db.session.query(MailedLink).filter_by(address_key="fay@example.org").count() == 0


def test_who_left_comes_back_by_himself_only_when_he_confirms(client, world, visitor, inbox, log):
    members.remove(world.dataset, world.dave, "test", cause="self")
    db.session.commit()
    visitor.sign_up("dave@example.org")
    link = link_of(inbox("dave@example.org")[0])
    assert person(world, "dave@example.org")["state"] == "left"
    client.post(link)
    assert person(world, "dave@example.org")["state"] == "confirmed"
    assert [entry[:2] for entry in log()][-3:] == [("ADD", "D"), ("ADD", "L"), ("CON", "L")]


def test_suppressed_addresses_get_nothing(world, visitor, inbox):
    db.session.add(Suppression(address_key="eve@example.org", group_id=world.group.id, reason="bounce"))
    db.session.commit()
    assert "Check your inbox" in visitor.sign_up().text and inbox() == []


def test_a_member_who_signs_up_again_changes_nothing_before_he_confirms(client, world, visitor, inbox):
    news = lists.create(world.dataset, "News", by="test")
    db.session.commit()
    visitor.sign_up("dave@example.org", lists=[news], first_name="Mallory")
    [mail] = inbox("dave@example.org")
    assert person(world, "dave@example.org")["first_name"] == "Dave"
    client.post(link_of(mail))
    assert subscriptions.is_on(news, world.dave) and person(world, "dave@example.org")["first_name"] == "Mallory"


def test_an_own_wording_is_shown_kept_and_counted(client, world, site, visitor, inbox):
    sites.change(site, "test", consent="Yes, write to me about plants.")
    db.session.commit()
    visitor.sign_up()
    assert "about plants" in inbox()[0]
    sites.change(site, "test", consent="Yes, about everything.")
    db.session.commit()
    visitor.sign_up("fay@example.org")
    client.post(link_of(inbox()[0]))
    proof = db.session.query(Consent).one()
    assert db.session.get(ConsentText, proof.text_id).text == "Yes, write to me about plants."
    assert {text.version for text in db.session.query(ConsentText)} == {1, 2}
