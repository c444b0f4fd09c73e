"""Target groups and segments: whom they find, and what holds them together."""

from datetime import date

import pytest

from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.warehouse import fields, lists, members, targets

TODAY = date(2026, 11, 22)


def ask(field, word, given=None, **more):
    return {"field": field, "word": word, "given": given} | more


@pytest.fixture
def people(world):
    for name, city, day in (("ann", "York", "1980-11-22"), ("bea", "Bristol", "1990-01-01"), ("cy", None, None)):
        values = {"first_name": name.capitalize(), "city": city, "birthday": day and date.fromisoformat(day)}
        members.add(world.dataset, f"{name}@example.org", values, by="test")
    members.put_on(world.offers, "ann@example.org", {}, by="test")
    return world.dataset


def test_people_are_counted_with_a_few_of_them(world, people):
    york = {"join": "all", "parts": [ask("city", "=", "York")]}
    found = targets.count(people, None, york, TODAY)
    assert (found.people, found.of, [row["address"] for row in found.sample]) == (1, 4, ["ann@example.org"])
    assert targets.count(people, world.offers, {}, TODAY).people == 2
    assert targets.count(people, None, {"join": "none", "parts": [ask("city", "isempty")]}, TODAY).people == 2
    nobody = {"join": "all", "parts": [ask("city", "=", "Bristol"), ask("first_name", "=", "Zoe")]}
    assert targets.count(people, None, nobody, TODAY).strictest == "“First name is Zoe” (0)"


def test_segments_refer_to_each_other_but_not_in_circles(world, people):
    york = targets.create(people, None, "York", ask("city", "=", "York"), by="test", segment=True)
    offers = targets.create(people, world.offers, "York on Offers", {"segment": york.id}, by="test", segment=True)
    assert targets.count(people, world.offers, offers.condition, TODAY).people == 1
    with pytest.raises(Refused, match="refer to itself"):
        targets.change(york, "York", {"join": "any", "parts": [{"segment": york.id}]}, by="test")
    with pytest.raises(Refused, match="is gone"):
        targets.create(people, None, "Other list", {"segment": offers.id}, by="test", segment=True)
    with pytest.raises(WrongState, match="asks about it"):
        targets.remove(york, by="test")
    targets.remove(offers, by="test")
    targets.remove(york, by="test")


def test_a_target_group_says_whom_it_means_and_keeps_its_fields(world, people):
    with pytest.raises(Refused, match="in a sentence"):
        targets.create(people, None, "York", ask("city", "=", "York"), by="test")
    targets.create(people, None, "York", ask("city", "=", "York", ask="City"), by="test", description="In York")
    with pytest.raises(Refused, match="already"):
        targets.create(people, None, "york", {}, by="test", description="Again")
    twice = {"join": "all", "parts": [ask("city", "=", "York", ask="City"), ask("first_name", "=", "A", ask="City")]}
    with pytest.raises(Refused, match="only once"):
        targets.create(people, None, "Twice", twice, by="test", description="Twice")
    with pytest.raises(Refused, match="“York” asks about this field"):
        fields.remove(people, people.fields[1], by="test")


def test_a_list_takes_its_segments_along(world, people):
    other = lists.create(people, "Other", by="test")
    targets.create(people, other, "Some", ask("city", "=", "York"), by="test", segment=True)
    lists.remove(other, by="test")
    assert not targets.of(people)
    db.session.commit()
