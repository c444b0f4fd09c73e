"""Undoing an import: everything is as before, told in the change log, and what happened since is left alone."""

import pytest

from maestro.exchange import imports
from maestro.extensions import db
from maestro.lib.errors import WrongState
from maestro.models import Change
from maestro.warehouse import keys, members, subscriptions
from tests.parts.importer import content, replay

HEADER = ["address", "first_name", "city"]
ANN, BEN, CARA = "ann@example.org", "ben@example.org", "cara@example.org"


def take_back(run, world):
    imports.undo(run, by=world.alice)
    db.session.commit()
    return imports.wait(run.id)


def test_values_and_subscriptions_are_as_before(bring_in, world):
    bring_in([HEADER, [ANN, "Ann", "York"], [BEN, "Ben", ""]], list=world.offers)
    bring_in([HEADER, [CARA, "Cara", ""]])
    before, told = content(world.dataset, world.offers)
    run = bring_in([HEADER, [ANN, "Anna", "Bristol"], [CARA, "Cara", "York"], ["dan@example.org", "Dan", ""]],
                   "synchronise", list=world.offers)
    assert run.counts["removed"] == 1 and content(world.dataset, world.offers)[0] != before
    run = take_back(run, world)
    now, log = content(world.dataset, world.offers)
    assert (run.state, run.counts["kept"], now) == ("undone", 0, before)
    undone = [f"{entry['code']} {entry['level']} {entry['address']}" for entry in log
              if entry["actor"] == f"undo of import {run.id}"]
    assert undone.index("DEL L dan@example.org") < undone.index("DEL D dan@example.org")
    assert "ADD L ben@example.org" in undone and undone.count("UPD D ann@example.org") == 1
    ann = [entry for entry in log[len(told):] if entry["address"] == ANN]
    assert replay({ANN: before[ANN]}, ann)[ANN] == before[ANN]
    with pytest.raises(WrongState):
        imports.undo(run, by=world.alice)


def test_who_changed_since_is_left_as_he_is(bring_in, world, row, states):
    run = bring_in([HEADER, [ANN, "Ann", ""], [BEN, "Ben", ""]], list=world.offers)
    members.change(world.dataset, row(ANN), {"city": "York"}, by=None, cause="self")
    db.session.commit()
    run = take_back(run, world)
    assert run.counts["kept"] == 2                 # two lines: the dataset's and the list's
    assert states(world.offers) == {"dave@example.org": "confirmed", ANN: "confirmed"}
    assert row(BEN) is None


def test_what_cannot_be_undone_says_why(bring_in, world, row, turn):
    run = bring_in([HEADER, [ANN, "Ann", ""]])
    removed = bring_in([HEADER, [ANN, "", ""]], "remove")
    with pytest.raises(WrongState, match="with all their values"):
        imports.undo(removed, by=world.alice)
    nothing = bring_in([HEADER, ["dave@example.org", "Dave", ""]], "update")
    with pytest.raises(WrongState, match="changed nothing"):
        imports.undo(nothing, by=world.alice)
    turn(25 * 3600)
    with pytest.raises(WrongState, match="24 hours"):
        imports.undo(run, by=world.alice)


def test_who_is_recognised_by_a_key_changes_the_address_and_can_change_back(bring_in, world, row, log, found):
    keys.choose(world.dataset, "first_name", by=world.alice)
    db.session.commit()
    bring_in([HEADER, [ANN, "C1", ""], [BEN, "C2", "York"]], key="first_name", list=world.offers)
    run = bring_in([HEADER, ["anna@example.org", "C1", ""], [ANN, "C3", ""], ["b@example.org", "C2", "Bristol"]],
                   "synchronise", key="first_name", list=world.offers)
    assert (run.counts["added"], run.counts["changed"], run.counts["removed"], run.counts["rejected"]) == (0, 2, 0, 1)
    assert sorted(log(run)) == ["CHG D anna@example.org", "CHG D b@example.org", "UPD D b@example.org"]
    assert (ANN, "address", ANN, "anna@example.org") in found(run)["changed"]
    [entry] = db.session.query(Change).filter_by(run_id=run.id, address="anna@example.org")
    assert entry.old_address == ANN and row("anna@example.org")["first_name"] == "C1"
    assert take_back(run, world).state == "undone"
    assert row(ANN)["first_name"] == "C1" and row(BEN)["city"] == "York" and row("b@example.org") is None


def test_a_protected_person_does_not_come_back_under_a_new_address(bring_in, world, row, states):
    keys.choose(world.dataset, "first_name", by=world.alice)
    bring_in([HEADER, [ANN, "C1", ""]], key="first_name", list=world.offers)
    subscriptions.leave(world.offers, row(ANN), by=None, cause="self")
    db.session.commit()
    run = bring_in([HEADER, ["anna@example.org", "C1", ""]], key="first_name", list=world.offers)
    assert run.counts["protected"] == 1 and states(world.offers)[ANN] == "left"
