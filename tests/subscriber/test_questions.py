"""What lists and datasets ask subscribers: consents beside their wording, menus that depend, fields of a list alone."""

import re

import pytest

from maestro.extensions import db
from maestro.models import Change, Consent, ConsentText
from maestro.warehouse import consents, fields, keys, lists, lookups, members, menus, subscriptions
from tests.subscriber.conftest import hidden, link_of

WORDS = "I agree to the general terms of 2026."


@pytest.fixture
def news(world):
    found = lists.create(world.dataset, "News", by="test")
    db.session.commit()
    return found


@pytest.fixture
def step(client, site, world, turn):
    """The second page of a sign-up."""
    def second(list):
        url = f"/s/{site.key}/subscribe"
        seal = hidden(client.get(url).text, "seal")
        turn(3)
        return client.post(url, data={"seal": seal, "address": "eve@example.org", "list": list.key}).text
    return second


def eve(world):
    db.session.rollback()
    return members.find(world.dataset, "eve@example.org")


def shown(field):
    return str(consents.current(field).id)


def proofs():
    """The consents to fields that are proved: [(wording, list)]."""
    found = db.session.query(ConsentText.text, Consent.list_id).join(Consent, Consent.text_id == ConsentText.id)
    return sorted(found.filter(ConsentText.field_id != 0).all())


def test_a_consent_is_a_box_beside_its_wording_and_the_proof_names_that_wording(
        client, world, visitor, inbox, step):
    terms = consents.create(world.dataset, "Terms", WORDS, True, by="test")
    db.session.commit()
    page = step(world.offers)
    assert WORDS in page and 'type="radio" name="f_terms"' not in page
    old = shown(terms)
    for ticked in ({}, {"terms": "T"}, {"terms": "F"}):                     # none of them saw this wording
        assert "without your consent" in visitor.sign_up(**ticked).text
    assert "Check your inbox" in visitor.sign_up(terms=old).text
    [mail] = inbox()
    consents.word(terms, "I agree to the terms of 2027.", by="test")
    db.session.commit()
    assert "Welcome" in client.post(link_of(mail)).text
    assert eve(world)["terms"] is True and proofs() == [(WORDS, None)]
    again = visitor.sign_up("fay@example.org", terms=old)                   # the page was open while the wording changed
    assert "without your consent" in again.text and "terms of 2027" in again.text


def test_who_has_no_consent_yet_saves_the_profile_and_can_give_it(client, world, site, visitor, inbox, log):
    terms = consents.create(world.dataset, "Terms", WORDS, False, by="test")
    db.session.commit()
    page = visitor.log_in(inbox).text
    assert WORDS in page and not re.search(r'name="f_terms"[^>]*checked', page)
    sent = {"f_terms_is": "1", "f_city_is": "1"}
    assert visitor.act("profile", f_city="Bristol", **sent).status_code == 303
    row = members.find_by_id(world.dataset, world.dave["id"])
    assert row["city"] == "Bristol" and row["terms"] is False and proofs() == []
    assert visitor.act("profile", f_city="Bristol", f_terms=shown(terms), **sent).status_code == 303
    db.session.rollback()
    assert members.find_by_id(world.dataset, world.dave["id"])["terms"] is True and proofs() == [(WORDS, None)]
    assert ("CON", "D", None, "self", "192.0.2.8") in log()
    assert re.search(r'name="f_terms"[^>]*checked', client.get(f"/s/{site.key}/me").text)
    taken_back = visitor.act("profile", f_city="York", **sent)
    assert taken_back.status_code == 422 and "without your consent" in taken_back.text


def asks(news):
    """A list with a consent, a required field and a default of its own; the consent."""
    fields.create(news.dataset, "Shoe size", "number", by="test", list=news, required=True)
    colour = fields.create(news.dataset, "Colour", "text", by="test", list=news)
    fields.refine(colour, "test", default="blue")
    found = consents.create(news.dataset, "Ads", "You may show me ads.", False, by="test", list=news)
    db.session.commit()
    return found


def test_what_a_list_asks_for_itself_is_there_and_proved_after_a_sign_up(client, world, news, visitor, inbox):
    ads = asks(news)
    assert "Check your inbox" in visitor.sign_up(lists=[news, world.offers], shoe_size="42", ads=shown(ads)).text
    [mail] = inbox()
    client.post(link_of(mail))
    row = eve(world)
    assert (row["shoe_size"], row["colour"], row["ads"]) == (42, "blue", True)
    assert proofs() == [("You may show me ads.", news.id)]
    told = [(entry.code, entry.level, entry.list_id) for entry in
            db.session.query(Change).filter_by(member_id=row["id"], code="CON").order_by(Change.id)]
    assert sorted(told) == sorted([("CON", "L", news.id)] * 2 + [("CON", "L", world.offers.id)])


def test_who_is_known_already_gets_the_same_by_a_sign_up(client, world, news, visitor, inbox):
    ads = asks(news)
    visitor.sign_up("dave@example.org", lists=[news], shoe_size="43", ads=shown(ads))
    client.post(link_of(inbox("dave@example.org")[-1]))
    db.session.rollback()
    row = members.find_by_id(world.dataset, world.dave["id"])
    assert (row["shoe_size"], row["colour"], row["ads"]) == (43, "blue", True)
    assert proofs() == [("You may show me ads.", news.id)]


def test_a_list_that_asks_for_something_is_not_joined_by_a_tick(client, world, site, news, visitor, inbox):
    asks(news)
    page = visitor.log_in(inbox).text
    assert f'value="{news.key}"' not in page and f"/s/{site.key}/subscribe?list={news.key}" in page
    visitor.act("lists", list=[world.offers.key, news.key])
    db.session.rollback()
    assert not subscriptions.is_on(news, world.dave) and subscriptions.is_on(world.offers, world.dave)


def test_a_tick_brings_the_defaults_of_the_lists_own_fields(world, news, visitor, inbox):
    fields.refine(fields.create(news.dataset, "Colour", "text", by="test", list=news, required=True), "test",
                  default="blue")
    db.session.commit()
    visitor.log_in(inbox)
    visitor.act("lists", list=[world.offers.key, news.key])
    db.session.rollback()
    assert subscriptions.is_on(news, world.dave)
    assert members.find_by_id(world.dataset, world.dave["id"])["colour"] == "blue"


@pytest.fixture
def towns(world):
    """A country, and a town that depends on it."""
    table = lookups.create(world.dataset.group, "Towns", by="test")
    lookups.fill(table, ["Country"], [["York", "England"], ["Bath", "England"], ["Paris", "France"]], by="test")
    country = fields.create(world.dataset, "Country", "choice", by="test", choices=["England", "France"])
    town = fields.create(world.dataset, "Town", "choice", by="test", choices=["York", "Bath", "Paris"])
    menus.attach(town, table, "test", parent=country, column="Country")
    db.session.commit()


def test_a_menu_that_depends_shows_its_groups_and_refuses_what_does_not_belong(
        client, world, site, towns, step, visitor, inbox):
    page = re.sub(r"\s+", " ", step(world.offers))
    assert '<optgroup label="England"><option>York</option><option>Bath</option></optgroup>' in page
    wrong = visitor.sign_up(country="England", town="Paris")
    assert wrong.status_code == 422 and "does not belong to “England”" in wrong.text and inbox() == []
    assert "Check your inbox" in visitor.sign_up(country="France", town="Paris").text
    client.post(link_of(inbox()[0]))
    assert eve(world)["town"] == "Paris"


def test_a_menu_is_not_asked_for_without_the_one_before_it(world, towns, step):
    country = next(field for field in world.dataset.fields if field.name == "country")
    fields.change(country, "test", "Country", False, country.choices, shown="no")
    db.session.commit()
    assert "f_town" not in step(world.offers)


def test_a_key_that_somebody_else_has_loses_no_subscriber(client, world, visitor, inbox):
    fields.create(world.dataset, "Customer", "text", by="test", required=True)
    keys.choose(world.dataset, "customer", "test")
    members.change(world.dataset, members.get(world.dataset, world.dave["id"]), {"customer": "A1"}, "test")
    db.session.commit()
    visitor.sign_up(customer="A1", city="York")
    answer = client.post(link_of(inbox()[0]))
    assert answer.status_code == 200 and "Customer: somebody else has this value." in answer.text
    row = eve(world)
    assert row["customer"] is None and row["city"] == "York" and subscriptions.is_on(world.offers, row)


def test_each_field_is_asked_for_as_it_was_set(world, step):
    made = {"line": "text", "area": "text", "radio": "choice", "menu": "choices", "box": "yesno"}
    for control, kind in made.items():
        field = fields.create(world.dataset, f"By {control}", kind, by="test",
                              choices=["One", "Two"] if "choice" in kind else ())
        fields.refine(field, "test", control=control, default="Two" if kind == "choice" else "")
    fields.refine(fields.create(world.dataset, "Size", "text", by="test"), "test", allowed=["S", "M"])
    db.session.commit()
    page = step(world.offers)
    assert '<input id="f_by_line"' in page and '<textarea id="f_by_area"' in page
    assert 'type="radio" name="f_by_radio" value="Two" checked' in page
    assert '<select id="f_by_menu" name="f_by_menu" multiple' in page
    assert 'type="checkbox" name="f_by_box" value="T"' in page
    assert re.search(r'<select id="f_size".*?<option>S</option><option>M</option>', page, re.DOTALL)
