"""Imports and what fields ask for: rules, defaults, derived values, consent, the unique key."""

import pytest

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Consent, Subscription
from maestro.warehouse import consents, derived, fields, keys, lookups, members, menus


def said(found):
    """(field, value) of each reject."""
    return {(row[1], row[2]) for row in found["rejected"]}


def test_rows_obey_rules_and_new_people_get_defaults(world, bring_in, found):
    first, city, birthday = world.dataset.fields
    fields.refine(first, by="test", pattern="[A-Z][a-z]+", hint="begins with a capital.")
    fields.refine(city, by="test", default="York")
    fields.refine(birthday, by="test", lowest="1900-01-01", default="2000-01-01")
    derived.create(world.dataset, "Greeting", '"Dear " + first_name', by="test")
    db.session.commit()
    run = bring_in([["address", "first_name", "city", "birthday"],
                    ["ann@example.org", "Ann", "", "1980-02-29"], ["bea@example.org", "bea", "Bristol", ""],
                    ["cy@example.org", "Cy", "Bristol", "1850-01-01"], ["dave@example.org", "David", "", ""],
                    *([f"f{number}@example.org", "Fay", "", ""] for number in range(9))])
    assert said(found(run)) == {("first_name", "bea"), ("birthday", "1850-01-01")}
    ann, dave = (members.find(world.dataset, f"{name}@example.org") for name in ("ann", "dave"))
    assert (ann["city"], ann["greeting"], str(ann["birthday"])) == ("York", "Dear Ann", "1980-02-29")
    assert (dave["city"], dave["greeting"], dave["birthday"]) == (None, "Dear David", None)
    run = bring_in([["address"], ["eve@example.org"]])
    eve = members.find(world.dataset, "eve@example.org")
    assert (run.state, eve["city"], str(eve["birthday"])) == ("done", "York", "2000-01-01")


def test_nobody_comes_in_without_consent_and_each_is_proved(world, bring_in, found, log):
    consents.create(world.dataset, "Terms", "I agree.", held=False, by="test", name="terms")
    consents.create(world.dataset, "Offers", "Send me offers.", held=False, by="test", name="wants", list=world.offers)
    db.session.commit()
    rows = [["address", "terms", "wants"], ["ann@example.org", "yes", "yes"], ["dave@example.org", "yes", "yes"]]
    run = bring_in(rows, list=world.offers)
    assert run.state == "done", run.problem
    assert log(run) == [
        "ADD D ann@example.org", "ADD L ann@example.org", "UPD D dave@example.org", "UPD L dave@example.org",
        "CON D ann@example.org", "CON D dave@example.org", "CON L ann@example.org", "CON L dave@example.org"]
    proofs = db.session.query(Consent).filter_by(how="import").order_by(Consent.id).all()
    assert [(proof.list_id, proof.text_id) for proof in proofs] == [(None, 1)] * 2 + [(world.offers.id, 2)] * 2
    fillers = [[f"f{number}@example.org", "yes", "yes"] for number in range(9)]
    rows += [["bea@example.org", "no", "yes"], ["cy@example.org", "yes", ""], *fillers]
    again = bring_in(rows, list=world.offers)
    assert {name for name, _ in said(found(again))} == {"terms", "wants"}
    assert db.session.query(Subscription).filter_by(list_id=world.offers.id).count() == 11


def test_the_key_stays_with_one_person(world, bring_in, found):
    fields.create(world.dataset, "Number", "text", by="test", name="customer")
    keys.choose(world.dataset, "customer", by="test")
    members.change(world.dataset, members.get(world.dataset, world.dave["id"]), {"customer": "D1"}, by="test")
    db.session.commit()
    run = bring_in([["address", "customer"], ["ann@example.org", "A1"], ["bea@example.org", "A1"],
                    ["cy@example.org", "D1"], ["dave@example.org", "D1"]])
    assert (run.state, run.counts["added"], run.counts["rejected"]) == ("done", 1, 2)
    assert members.find(world.dataset, "bea@example.org")["customer"] == "A1"
    assert {name for name, _ in said(found(run))} == {"customer"}


def test_a_key_is_bounded(world, bring_in, found):
    """An index row of PostgreSQL has at most 2,704 bytes, once compressed."""
    number = fields.create(world.dataset, "Number", "text", by="test", name="customer")
    dave = members.get(world.dataset, world.dave["id"])
    members.change(world.dataset, dave, {"customer": "é" * 201}, by="test")
    with pytest.raises(Refused, match="1 person has a value of more than 200 characters"):
        keys.choose(world.dataset, "customer", by="test")
    members.change(world.dataset, dave, {"customer": "D1"}, by="test")
    keys.choose(world.dataset, "customer", by="test")
    with pytest.raises(Refused, match="at most 200 characters"):
        fields.refine(number, by="test", longest=201)
    fields.refine(number, by="test")
    db.session.commit()
    run = bring_in([["address", "customer"], ["ann@example.org", "A" * 201], ["bea@example.org", "é" * 200],
                    *([f"f{number}@example.org", ""] for number in range(9))])
    assert (run.state, run.counts["added"]) == ("done", 10)
    assert [row[3] for row in found(run)["rejected"]] == ["Number has at most 200 characters."]


def test_a_choice_belongs_to_the_one_before_it(world, bring_in, found):
    towns = lookups.create(world.group, "Towns", by="test")
    lookups.fill(towns, ["City"], [["Acomb", "York"], ["Clifton", "Bristol"], ["Huntington", "York"]], by="test")
    town = fields.create(world.dataset, "Town", "choice", by="test", choices=["Acomb"], name="town")
    menus.attach(town, towns, by="test", parent=world.dataset.fields[1], column="City")
    fields.refine(world.dataset.fields[1], by="test", default="Bristol")
    members.change(world.dataset, members.get(world.dataset, world.dave["id"]), {"city": "York", "town": "Acomb"},
                   by="test")
    db.session.commit()
    run = bring_in([["address", "city", "town"], ["ann@example.org", "york", "acomb"],
                    ["bea@example.org", "York", "Clifton"], ["cy@example.org", "", "Clifton"],
                    ["dave@example.org", "Bristol", ""],
                    *([f"f{number}@example.org", "York", ""] for number in range(9))])
    assert (run.state, run.counts["rejected"], run.counts["added"]) == ("done", 2, 11)
    assert sorted(row[1:] for row in found(run)["rejected"]) == [
        ("town", "Acomb", "Town: this choice does not belong to “Bristol”."),
        ("town", "Clifton", "Town: this choice does not belong to “York”.")]
    assert members.find(world.dataset, "cy@example.org")["city"] == "Bristol"
    assert members.find(world.dataset, "dave@example.org")["city"] == "York"
    run = bring_in([["address", "town"], ["ann@example.org", "Huntington"], ["dave@example.org", "Clifton"],
                    ["gil@example.org", "Acomb"], ["hal@example.org", "Clifton"],
                    *([f"f{number}@example.org", ""] for number in range(9))])
    assert {row[2] for row in found(run)["rejected"]} == {"Clifton", "Acomb"} and run.counts["rejected"] == 2
    assert members.find(world.dataset, "ann@example.org")["town"] == "Huntington"
    assert members.find(world.dataset, "hal@example.org")["town"] == "Clifton"
