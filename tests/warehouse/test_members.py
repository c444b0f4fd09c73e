"""People put in, changed, taken off and out; and the line in the change log that each of these leaves."""

from datetime import date

import pytest
from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.errors import NotFound, Refused
from maestro.models import Change, Consent, Suppression
from maestro.warehouse import changes, fields, lists, members, subscriptions

ALICE = "alice@example.org"


@pytest.fixture
def said(world):
    """What the change log says since the test began: (code, level, list, cause, actor, old address, changes)."""
    last = db.session.scalars(select(Change.id).order_by(Change.id.desc()).limit(1)).first() or 0

    def lines():
        found = db.session.scalars(select(Change).where(Change.id > last).order_by(Change.id))
        return [
            (
                entry.code,
                entry.level,
                entry.list_id,
                entry.cause,
                entry.actor,
                entry.old_address,
                changes.fields(entry)["changes"],
            )
            for entry in found
        ]

    return lines


def add(world, address="eve@example.org", **values):
    return members.add(world.dataset, address, values, by=world.alice)


def test_a_new_person_is_confirmed_at_once(world, said):
    row = add(world, first_name="Eve", birthday=date(2000, 2, 29))
    assert (row["state"], row["how"], row["first_name"], row["birthday"]) == (
        "confirmed",
        "user",
        "Eve",
        date(2000, 2, 29),
    )
    assert said() == [("ADD", "D", None, "user", ALICE, None, {})]


def test_an_address_is_one_person_whatever_its_spelling(world):
    row = add(world, "Eve@Bücher.example.org")
    assert row["address"] == "Eve@xn--bcher-kva.example.org"
    assert members.find(world.dataset, "EVE@bücher.EXAMPLE.org")["id"] == row["id"]
    for address in ("eve@BÜCHER.example.org", "eve@xn--bcher-kva.example.org"):
        with pytest.raises(Refused, match="already") as refusal:
            add(world, address)
        assert refusal.value.field == "address"


def test_an_address_in_two_datasets_is_two_people(world):
    members.add(world.foreign, "dave@example.org", {}, by="test")
    members.remove(world.dataset, world.dave, by="test")
    assert members.find(world.foreign, "dave@example.org")


def test_a_suppressed_address_is_refused(world):
    db.session.add(Suppression(address_key="eve@example.org", group_id=world.group.id, reason="complaint"))
    db.session.flush()
    with pytest.raises(Refused, match="complaint") as refusal:
        add(world, "Eve@example.org")
    assert refusal.value.field == "address"
    members.add(world.foreign, "eve@example.org", {}, by="test")


def test_a_change_writes_what_was_and_what_is_on_each_level(world, said):
    fields.create(world.dataset, "Voucher", "text", by="test", list=world.offers)
    row = members.change(
        world.dataset,
        members.get(world.dataset, world.dave["id"]),
        {"first_name": "Dan", "birthday": date(1999, 1, 2), "voucher": "A1", "city": None},
        by=world.alice,
    )
    assert (row["first_name"], row["voucher"]) == ("Dan", "A1")
    assert said() == [
        ("UPD", "D", None, "user", ALICE, None, {"first_name": ["Dave", "Dan"], "birthday": [None, "1999-01-02"]}),
        ("UPD", "L", world.offers.id, "user", ALICE, None, {"voucher": [None, "A1"]}),
    ]


def test_saving_what_is_there_already_writes_nothing(world, said):
    members.change(
        world.dataset, world.dave, {"first_name": "Dave", "city": None}, by=world.alice, address="dave@example.org"
    )
    assert said() == []


def test_a_new_address_is_one_line_with_both(world, said):
    row = members.change(world.dataset, world.dave, {}, by=world.alice, address="david@example.org")
    assert (row["id"], row["address"]) == (world.dave["id"], "david@example.org")
    assert said() == [("CHG", "D", None, "user", ALICE, "dave@example.org", {})]
    add(world, "eve@example.org")
    with pytest.raises(Refused, match="somebody else"):
        members.change(world.dataset, row, {}, by=world.alice, address="EVE@example.org")


def test_letters_of_an_address_may_change_their_size(world):
    assert (
        members.change(world.dataset, world.dave, {}, by="test", address="Dave@Example.org")["address"]
        == "Dave@Example.org"
    )


def test_who_is_taken_out_leaves_every_list_first(world, said):
    other = lists.create(world.dataset, "Another", by="test")
    subscriptions.join(other, world.dave, by=world.alice)
    members.remove(world.dataset, world.dave, by=world.alice)
    assert [line[:3] for line in said()] == [
        ("ADD", "L", other.id),
        ("DEL", "L", other.id),
        ("DEL", "L", world.offers.id),
        ("DEL", "D", None),
    ] or [line[:3] for line in said()] == [
        ("ADD", "L", other.id),
        ("DEL", "L", world.offers.id),
        ("DEL", "L", other.id),
        ("DEL", "D", None),
    ]
    assert members.find(world.dataset, "dave@example.org") is None
    with pytest.raises(NotFound):
        members.get(world.dataset, world.dave["id"])
    assert subscriptions.get(world.offers, world.dave["id"]) is None


def test_who_leaves_by_himself_stays_known_without_values(world):
    members.remove(world.dataset, world.dave, None, cause="self", ip="192.0.2.7")
    row = members.find(world.dataset, "dave@example.org")
    assert (row["state"], row["left_by"], row["first_name"]) == ("left", "self", None)
    with pytest.raises(Refused, match="has left this dataset"):
        subscriptions.join(world.offers, row, by="test")
    assert members.come_back(world.dataset, row)
    assert not members.come_back(world.dataset, row)
    assert members.find(world.dataset, "dave@example.org")["state"] == "confirmed"


def test_a_user_may_put_back_who_left(world):
    members.remove(world.dataset, world.dave, None, cause="self")
    row = add(world, "dave@example.org", first_name="Dave")
    assert (row["id"], row["state"], row["left_by"], row["first_name"]) == (world.dave["id"], "confirmed", None, "Dave")


def test_leaving_a_list_leaves_the_dataset_alone_and_a_repeat_changes_nothing(world, said):
    assert subscriptions.leave(world.offers, world.dave, None, cause="self", ip="192.0.2.7", how="one-click")
    assert not subscriptions.leave(world.offers, world.dave, None, cause="self", ip="192.0.2.7")
    assert said() == [("DEL", "L", world.offers.id, "self", None, None, {})]
    assert members.get(world.dataset, world.dave["id"])["state"] == "confirmed"
    proof = db.session.scalars(select(Consent)).all()
    assert [(one.given, one.how, one.ip) for one in proof] == [(False, "one-click", "192.0.2.7")]


def test_undo_by_the_person_proves_the_wish(world, said):
    subscriptions.leave(world.offers, world.dave, None, cause="self")
    assert subscriptions.rejoin(world.offers, world.dave, ip="192.0.2.7")
    assert not subscriptions.rejoin(world.offers, world.dave)
    assert [line[:2] for line in said()] == [("DEL", "L"), ("ADD", "L"), ("CON", "L")]
    assert [one.given for one in db.session.scalars(select(Consent).order_by(Consent.id))] == [False, True]


def test_who_was_taken_off_by_a_user_cannot_undo_it(world):
    subscriptions.leave(world.offers, world.dave, by=world.alice)
    assert not subscriptions.rejoin(world.offers, world.dave)
    subscriptions.join(world.offers, world.dave, by=world.alice)
    with pytest.raises(Refused, match="on this list already"):
        subscriptions.join(world.offers, world.dave, by=world.alice)


def test_putting_somebody_on_a_list_puts_a_stranger_into_the_dataset(world, said):
    row = members.put_on(world.offers, "eve@example.org", {"first_name": "Eve"}, by=world.alice)
    assert [line[:3] for line in said()] == [("ADD", "D", None), ("ADD", "L", world.offers.id)]
    assert subscriptions.get(world.offers, row["id"]).state == "confirmed"


def test_putting_a_member_on_a_list_keeps_what_is_known(world, said):
    other = lists.create(world.dataset, "Another", by="test")
    row = members.put_on(other, "DAVE@example.org", {"first_name": None, "city": "York"}, by=world.alice)
    assert (row["first_name"], row["city"]) == ("Dave", "York")
    assert [line[:3] for line in said()] == [("UPD", "D", None), ("ADD", "L", other.id)]


def test_a_lists_own_required_field_is_asked_for(world):
    fields.create(world.dataset, "Voucher", "text", by="test", list=world.offers, required=True)
    with pytest.raises(Refused) as refusal:
        members.put_on(world.offers, "eve@example.org", {}, by=world.alice)
    assert refusal.value.field == "voucher"
    assert members.put_on(world.offers, "eve@example.org", {"voucher": "A1"}, by=world.alice)["voucher"] == "A1"
    assert add(world, "fay@example.org")["voucher"] is None
