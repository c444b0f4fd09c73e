"""Datasets, lists and the numbers of both."""

import pytest

from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.models import HostedList
from maestro.warehouse import counting, datasets, fields, lists, members, subscriptions, tables

BAD_NAMES = ["", "   ", "x" * 121, "two\nlines", "nul\0"]


def test_names_are_judged_and_used_once(world):
    for name in BAD_NAMES:
        for create, place in ((datasets.create, world.group), (lists.create, world.dataset)):
            with pytest.raises(Refused) as refusal:
                create(place, name, by="test")
            assert refusal.value.field == "name"
    with pytest.raises(Refused, match="already"):
        datasets.create(world.group, " cUSTOMERS ", by="test")
    with pytest.raises(Refused, match="already"):
        lists.create(world.dataset, "OFFERS", by="test")
    assert datasets.create(world.foreign.group, "Customers", by="test").name == "Customers"


def test_a_dataset_keeps_its_name_when_it_is_saved_again(world):
    datasets.rename(world.dataset, "Customers", "Everybody", by="test")
    assert world.dataset.description == "Everybody"


def test_a_dataset_with_people_stays(world):
    with pytest.raises(WrongState, match="people in it"):
        datasets.remove(world.dataset, by="test")
    with pytest.raises(WrongState, match="people on this list"):
        lists.remove(world.offers, by="test")


def test_a_dataset_that_everybody_has_left_can_go(world):
    members.remove(world.dataset, world.dave, "subscriber", cause="self")
    assert datasets.count(world.dataset) == 0
    datasets.remove(world.dataset, by="test")


def test_numbers_of_datasets_and_lists_are_never_used_again(world):
    dataset = datasets.create(world.group, "Passing", by="test")
    fields.create(dataset, "City", "text", by="test")
    list = lists.create(dataset, "Passing", by="test")
    numbers = dataset.id, list.id
    db.session.commit()
    datasets.remove(dataset, by="test")
    db.session.commit()
    again = datasets.create(world.group, "Passing", by="test")
    assert (again.id, lists.create(again, "Passing", by="test").id) > numbers
    assert again.id != numbers[0]
    assert db.session.get(HostedList, numbers[1]) is None


def test_a_lists_own_fields_go_with_it(world):
    list = lists.create(world.dataset, "Passing", by="test")
    fields.create(world.dataset, "Voucher", "text", by="test", list=list)
    assert "voucher" in tables.table(world.dataset).c
    lists.remove(list, by="test")
    db.session.commit()
    db.session.refresh(world.dataset, ["fields", "lists"])
    assert "voucher" not in [field.name for field in world.dataset.fields]
    assert members.find(world.dataset, "dave@example.org")["first_name"] == "Dave"


def test_counts_follow_what_happens(world, turn):
    assert counting.counts(world.dataset)["confirmed"] == 1
    row = members.add(world.dataset, "eve@example.org", {}, by="test")
    subscriptions.join(world.offers, row, by="test")
    assert counting.counts(world.dataset)["confirmed"] == counting.counts(world.dataset, world.offers)["confirmed"] == 2
    subscriptions.leave(world.offers, row, None, cause="self")
    assert counting.counts(world.dataset, world.offers) == {
        "unconfirmed": 0,
        "confirmed": 1,
        "left": 1,
        "suppressed": 0,
    }
    members.remove(world.dataset, row, None, cause="self")
    assert counting.counts(world.dataset)["left"] == 1
    turn(counting.AGE + 1)
    assert counting.counts(world.dataset)["left"] == 1
