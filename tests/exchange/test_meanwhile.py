"""Between the check and the effect of an import, others take addresses and keys; nobody is lost and nothing hangs."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from maestro.exchange import holding, imports
from maestro.extensions import db
from maestro.lib import crash
from maestro.models import Dataset, Suppression
from maestro.warehouse import fields, keys, members, retyping, subscriptions, tables

ANN, BEN, CY, DAN = (f"{name}@example.org" for name in ("ann", "ben", "cy", "dan"))
HEADER = ["address", "customer", "first_name"]


@pytest.fixture
def keyed(world, bring_in):
    """Ann and Ben are known by their numbers."""
    fields.create(world.dataset, "Number", "text", by="test", name="customer")
    keys.choose(world.dataset, "customer", by="test")
    db.session.commit()
    bring_in([HEADER, [ANN, "A1", "Ann"], [BEN, "B1", "Ben"]], key="customer")
    return world.dataset


@pytest.fixture
def between(monkeypatch):
    """Do something when the check is over and nothing is applied yet."""
    def arm(deed):
        def point(name):
            if name == "checked":
                deed()
                db.session.commit()
        monkeypatch.setattr(crash, "point", point)
    return arm


def is_free(dataset):
    return db.session.get(Dataset, dataset.id, populate_existing=True).busy_run_id is None


def test_an_address_that_was_taken_meanwhile_is_left_to_its_owner(keyed, bring_in, between, row):
    between(lambda: members.add(keyed, CY, {}, by="test"))
    run = bring_in([HEADER, [CY, "A1", "Ann"], [BEN, "B1", "Benno"]], key="customer")
    assert (run.state, row(ANN)["customer"], row(CY)["customer"]) == ("done", "A1", None)
    assert row(BEN)["first_name"] == "Benno" and is_free(keyed)


def test_a_key_that_was_taken_meanwhile_stays_with_one_person(keyed, bring_in, between, row):
    between(lambda: members.add(keyed, DAN, {"customer": "C1"}, by="test"))
    run = bring_in([HEADER, [CY, "C1", "Cy"], [BEN, "B1", "Benno"]], key="customer")
    assert (run.state, row(CY), row(BEN)["first_name"]) == ("done", None, "Benno")
    assert row(DAN)["customer"] == "C1" and is_free(keyed)


def test_a_key_that_is_taken_while_a_slice_is_written_is_seen_at_the_next_try(keyed, bring_in, monkeypatch, row):
    """The last look found nobody: the database refuses, and the slice is done again."""
    def point(name):
        if name == "apply_slice" and not taken:
            taken.append(name)
            raise IntegrityError("", {}, Exception())
    taken = []
    monkeypatch.setattr(crash, "point", point)
    run = bring_in([HEADER, [CY, "C1", "Cy"]], key="customer")
    assert (run.state, row(CY)["customer"], taken) == ("done", "C1", ["apply_slice"])


def test_an_error_that_no_try_mends_ends_the_run_and_frees_the_dataset(keyed, bring_in, monkeypatch, row):
    def point(name):
        if name == "apply_slice":
            raise IntegrityError("", {}, Exception())
    monkeypatch.setattr(crash, "point", point)
    run = bring_in([HEADER, [CY, "C1", "Cy"]], key="customer")
    assert (run.state, row(CY)) == ("failed", None) and is_free(keyed)


def test_a_cancelled_run_takes_no_dataset(draft, world):
    """The worker waited for the dataset's row; meanwhile somebody cancelled."""
    run = draft([["address"], [CY]])
    imports.start(run, False, by=world.alice)
    db.session.commit()
    hold = holding.claim(run.id)
    imports.cancel(run, by=world.alice)
    db.session.commit()
    with pytest.raises(holding.Lost):
        hold.take_dataset(world.dataset.id)
    assert is_free(world.dataset)


def take_back(run, world):
    imports.undo(run, by=world.alice)
    db.session.commit()
    return imports.wait(run.id)


def test_an_undo_leaves_what_cannot_be_as_before(keyed, bring_in, world, row):
    """Ann's old number is Dan's by now, and her old name is no value of the field any more."""
    run = bring_in([["address", "customer", "first_name"], [ANN, "A2", "Anna"]])
    members.add(keyed, DAN, {"customer": "A1"}, by="test")
    names = next(field for field in keyed.fields if field.name == "first_name")
    people = tables.table(keyed)
    db.session.execute(update(people).where(people.c.address == ANN).values(first_name="7"))
    db.session.commit()
    for other in (BEN, DAN, "dave@example.org"):
        members.change(keyed, row(other), {"first_name": None}, by="test")
    db.session.commit()
    retyping.retype(keyed, names, "number", by="test")
    db.session.commit()
    run = take_back(run, world)
    assert (run.state, run.counts["kept"], row(ANN)["customer"]) == ("undone", 1, "A2")
    assert row(ANN)["first_name"] == 7 and is_free(keyed)


def test_an_undo_puts_nobody_back_who_wants_no_more(bring_in, world, states):
    bring_in([["address"], [ANN], [BEN], [CY]], list=world.offers)
    run = bring_in([["address"], [ANN], [BEN], [CY]], "remove", list=world.offers)
    subscriptions.leave(world.offers, members.find(world.dataset, ANN), "subscriber", cause="self")
    db.session.add(Suppression(group_id=world.group.id, address_key=BEN, reason="bounces"))
    db.session.commit()
    run = take_back(run, world)
    assert (run.state, run.counts["kept"]) == ("undone", 2)
    found = states(world.offers)
    assert (found[ANN], found[BEN], found[CY]) == ("left", "left", "confirmed")
