"""Imports put nobody back who left, take nobody off who is in the source, and tell each deed once."""

import pytest

from maestro.exchange import findings, imports
from maestro.exchange.staging import Staging
from maestro.extensions import db
from maestro.models import ImportRun, Subscription
from maestro.warehouse import fields, keys, members, subscriptions

ANN, BEN, CY, NEW = (f"{name}@example.org" for name in ("ann", "ben", "cy", "new"))
HEADER = ["address", "customer", "first_name", "birthday"]


@pytest.fixture
def keyed(world):
    fields.create(world.dataset, "Number", "text", by="test", name="customer")
    keys.choose(world.dataset, "customer", by="test")
    db.session.commit()
    return world.dataset


@pytest.fixture
def nightly(bring_in, world):
    """Synchronise by the key, as if it had seen everybody before."""
    def go(rows, **options):
        return bring_in([HEADER, *rows], "synchronise", list=world.offers, key="customer", strict=True, unusable=100,
                        guard=100, **options)
    return go


def test_a_row_with_a_new_address_and_a_bad_value_keeps_its_person(keyed, nightly, world, states):
    nightly([[ANN, "A1", "Ann", ""], [BEN, "B1", "Ben", ""], [CY, "C1", "Cy", ""]])
    run = nightly([[NEW, "A1", "Ann", "someday"], ["no address", "B1", "Ben", ""], ["", "C1", "Cy", ""]])
    assert (run.state, run.counts["removed"]) == ("done", 0)
    assert {states(world.offers)[address] for address in (ANN, BEN, CY)} == {"confirmed"}


def test_when_rows_cannot_be_read_at_all_a_person_decides_who_goes(bring_in, world, states):
    bring_in([["address", "city"], [ANN, "York"], [BEN, "York"]], list=world.offers)
    run = bring_in(f"address,city\r\n{ANN},York\r\n{BEN},York,York\r\n".encode(), "synchronise", list=world.offers,
                   strict=True, guard=100, unusable=90)
    assert run.state == "needs_review" and "1 row of the source could not be read" in run.problem
    assert states(world.offers)[BEN] == "confirmed"


def test_of_two_rows_with_one_key_the_last_counts_and_everything_is_told_once(keyed, bring_in, world, found, log):
    bring_in([HEADER, [ANN, "A1", "Ann", ""]])
    twice = [HEADER, [NEW, "A1", "First", ""], [ANN, "A1", "Last", ""]]
    run = bring_in(twice, "add", list=world.offers, key="customer")
    assert log(run) == [f"ADD L {ANN}"] and run.counts["added"] == 1
    assert [row[3] for row in found(run)["rejected"]] == ["Row 3 has the same key; the last one counts."]
    for _ in range(2):
        run = bring_in(twice, key="customer")
        assert members.find(world.dataset, NEW) is None
    assert log(run) == []
    run = bring_in([HEADER, [ANN, "", "", ""], [NEW, "A1", "", ""]], "remove", list=world.offers, key="customer")
    assert log(run) == [f"DEL L {ANN}"]


def test_who_left_a_list_stays_away_after_being_removed_from_the_dataset(bring_in, world, states, row):
    bring_in([["address", "city"], [ANN, "York"]], list=world.offers)
    subscriptions.leave(world.offers, row(ANN), "subscriber", cause="self")
    members.remove(world.dataset, row(ANN), by="test")
    db.session.commit()
    assert (row(ANN)["state"], row(ANN)["city"]) == ("left", None)
    run = bring_in([["address"], [ANN]], list=world.offers)
    assert run.counts["protected"] == 1 and states(world.offers)[ANN] == "left"


def test_who_was_taken_off_and_then_says_so_himself_is_not_put_back(bring_in, world, states, row):
    bring_in([["address"], [ANN]], list=world.offers)
    bring_in([["address"], [ANN]], "remove", list=world.offers)
    assert not subscriptions.leave(world.offers, row(ANN), "subscriber", cause="self")
    db.session.commit()
    run = bring_in([["address"], [ANN]], list=world.offers)
    assert run.counts["protected"] == 1 and states(world.offers)[ANN] == "left"
    assert not subscriptions.rejoin(world.offers, row(ANN))        # only what was his own slip can he undo


def test_who_comes_back_by_himself_is_no_longer_missed(app, world, bring_in, row, states):
    bring_in([["address"], [ANN]], list=world.offers)
    assert row(ANN)["run_id"]
    subscriptions.leave(world.offers, row(ANN), "subscriber", cause="self")
    subscriptions.join(world.offers, row(ANN), "subscriber", cause="self")
    assert subscriptions.get(world.offers, row(ANN)["id"]).run_id is None
    subscriptions.leave(world.offers, row(ANN), "subscriber", cause="self")
    subscriptions.get(world.offers, row(ANN)["id"]).run_id = 1
    assert subscriptions.rejoin(world.offers, row(ANN))
    db.session.expire_all()
    assert subscriptions.get(world.offers, row(ANN)["id"]).run_id is None
    members.remove(world.dataset, row(ANN), "subscriber", cause="self")
    members.add(world.dataset, ANN, {}, "subscriber", cause="self")
    assert row(ANN)["run_id"] is None


def test_adding_leaves_the_list_s_own_values_of_subscribers_alone(world, bring_in, row, log):
    fields.create(world.dataset, "Seat", "text", by="test", name="seat", list=world.offers)
    db.session.commit()
    before = row("dave@example.org")["changed_at"]
    run = bring_in([["address", "seat"], ["dave@example.org", "7c"], [ANN, "8a"]], "add", list=world.offers)
    assert row("dave@example.org")["changed_at"] == before
    assert (row("dave@example.org")["seat"], row(ANN)["seat"]) == (None, "8a")
    assert log(run) == [f"ADD D {ANN}", f"ADD L {ANN}"]


def test_an_address_that_its_subscriber_chose_stays_where_manual_changes_do(keyed, bring_in, world, row):
    rows = [HEADER, [ANN, "A1", "Ann", ""]]
    bring_in(rows, key="customer", list=world.offers)
    members.change(world.dataset, row(ANN), {}, "subscriber", cause="self", address=NEW)
    db.session.commit()
    run = bring_in(rows, key="customer", list=world.offers, overwrite=False)
    assert row(NEW)["customer"] == "A1" and row(ANN) is None and run.counts["changed"] == 0
    bring_in([HEADER, [CY, "A1", "Ann", ""]], key="customer", list=world.offers, overwrite=False)
    assert row(NEW)["customer"] == "A1" and row(CY) is None
    run = bring_in([["address", "first_name"], [ANN, "Anna"]], "synchronise", list=world.offers, overwrite=False)
    assert row(NEW)["first_name"] == "Anna" and row(ANN) is None and run.counts["removed"] == 0
    bring_in(rows, key="customer", list=world.offers)
    assert row(ANN)["customer"] == "A1" and row(NEW) is None


def test_an_old_address_that_somebody_else_has_by_now_is_his(world, bring_in, row):
    members.change(world.dataset, row("dave@example.org"), {}, "subscriber", cause="self", address=NEW)
    members.add(world.dataset, "dave@example.org", {"first_name": "Other"}, by="test")
    db.session.commit()
    bring_in([["address", "first_name"], ["dave@example.org", "Otto"]], list=world.offers, overwrite=False)
    assert (row("dave@example.org")["first_name"], row(NEW)["first_name"]) == ("Otto", "Dave")


def test_of_two_old_addresses_in_the_source_one_is_followed(world, bring_in, row):
    for address in (ANN, BEN, NEW):
        old = row("dave@example.org") or row(ANN) or row(BEN)
        members.change(world.dataset, old, {}, "subscriber", cause="self", address=address)
    db.session.commit()
    run = bring_in([["address", "city"], ["dave@example.org", "York"], [BEN, "Bristol"]], list=world.offers,
                   overwrite=False)
    assert (run.state, row(NEW)["city"], row("dave@example.org")["city"], row(BEN)) == ("done", "Bristol", "York", None)


def test_what_an_earlier_version_has_laid_out_is_read_again(keyed, draft, world, row):
    run = draft([["address", "customer"], [ANN, "A1"], ["broken", "B1"]], "synchronise", list=world.offers, unusable=90,
                key="customer", strict=True, guard=100)
    imports.start(run, True, by=world.alice)
    db.session.commit()
    assert imports.wait(run.id).state == "staged"
    staging = Staging(run)
    with staging.opened() as connection, connection.begin():
        connection.exec_driver_sql(f'ALTER TABLE "{staging.schema}".{staging.rejects.name} RENAME COLUMN _id TO other')
    assert [row[2] for row in findings.lines(run, "rejected")] == ["broken"]
    imports.apply(db.session.get(ImportRun, run.id), by=world.alice)
    db.session.commit()
    assert imports.wait(run.id).state == "done" and row(ANN)["customer"] == "A1"


def test_a_run_into_a_list_does_not_take_a_person_from_the_dataset_s_importer(world, bring_in, row):
    bring_in([["address"], [ANN]])
    before = row(ANN)["run_id"]
    bring_in([["address", "first_name"], [ANN, "Ann"]], list=world.offers)
    place = db.session.query(Subscription).filter_by(list_id=world.offers.id, member_id=row(ANN)["id"]).one()
    assert row(ANN)["run_id"] == before and place.run_id != before


def test_a_year_zero_is_rejected_by_name(world, bring_in, found):
    fillers = [[f"f{number}@example.org", ""] for number in range(9)]
    run = bring_in([["address", "birthday"], [ANN, "0000-01-01"], *fillers])
    assert run.state == "done" and [row[1] for row in found(run)["rejected"]] == ["birthday"]
