from datetime import timedelta

import pytest

from maestro.delivery import partitions
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.mailing import audience, funnel
from maestro.models import Account, Recipient, Subscription, Suppression
from maestro.warehouse import members, subscriptions
from tests.writing import draft, people


@pytest.fixture
def mixed(world):
    """A list with Dave and five others: left, unconfirmed, suppressed here, suppressed elsewhere, gone altogether."""
    left, waiting, held, foreign, gone = people(world, 5)
    subscriptions.leave(world.offers, left, "test")
    subscriptions.get(world.offers, waiting["id"]).state = "unconfirmed"
    db.session.add(Suppression(address_key=held["address_key"], group_id=world.group.id, reason="complaint"))
    db.session.add(Suppression(address_key=foreign["address_key"], group_id=world.carol.group_id, reason="complaint"))
    members.remove(world.dataset, gone, "subscriber", cause="self")
    db.session.commit()
    return draft(world)


def addresses(job):
    return sorted(row.address for row in db.session.execute(audience.query(job)))


def test_the_funnel_tells_where_everybody_went(mixed):
    found = funnel.count(mixed)
    assert found[:5] == (6, 2, 1, 1, 2)
    assert found.all == found.left + found.unconfirmed + found.suppressed + found.resting + found.audience


@pytest.mark.parametrize("part", ["all", "left", "unconfirmed", "suppressed", "audience"])
def test_each_number_of_the_funnel_has_its_people(mixed, part):
    assert funnel.size(mixed, part) == getattr(funnel.count(mixed), part) == len(funnel.page(mixed, part))


def test_the_ledger_takes_the_confirmed_and_finds_the_suppressed_among_them(mixed):
    assert addresses(mixed) == ["dave@example.org", "person2@example.org", "person3@example.org"]


def test_every_row_for_the_ledger_carries_its_subscription(world):
    row = db.session.execute(audience.query(draft(world))).mappings().one()
    assert row["subscription_id"] == db.session.query(Subscription).one().id
    assert (row["member_id"], row["address_key"]) == (world.dave["id"], "dave@example.org")


def test_a_job_to_a_whole_dataset_asks_for_no_subscription(world):
    members.add(world.dataset, "only@example.org", {}, by="test")
    job = draft(world, list_id=None)
    assert addresses(job) == ["dave@example.org", "only@example.org"]
    assert {row.subscription_id for row in db.session.execute(audience.query(job))} == {None}
    assert funnel.count(job)[:5] == (2, 0, 0, 0, 2)


def test_without_recipients_there_is_nothing_to_count(world):
    with pytest.raises(Refused, match="no recipients yet"):
        funnel.count(draft(world, dataset_id=None, list_id=None))


def test_a_new_list_brings_its_own_tracking_and_makes_the_test_stale(world):
    job = draft(world, dataset_id=None, list_id=None)
    world.offers.tracking = "none"
    before = job.version
    audience.choose(job, world.dataset, world.offers, world.alice)
    assert (job.tracking, job.list.name, job.version) == ("none", "Offers", before + 1)


@pytest.mark.parametrize(("search", "found"), [
    ("", 4), ("P2", 1), ("dave", 1), ("p1 example", 1), ("%", 0), ("nobody", 0)])
def test_people_for_a_preview_are_found_by_address_and_name(world, search, found):
    people(world, 3)
    assert len(audience.sample(draft(world), search)) == found


def test_the_stand_in_is_the_chosen_person_the_first_or_nobody(world):
    row, job = people(world, 1)[0], draft(world)
    assert audience.stand_in(job, row["id"])["address"] == "person0@example.org"
    assert audience.stand_in(job)["address"] == "dave@example.org"
    assert audience.stand_in(job, audience.NOBODY)["first_name"] is None
    assert audience.stand_in(draft(world, dataset_id=None, list_id=None), 7)["address"] == ""


def test_who_pauses_or_had_mail_lately_is_passed_over(world, turn):
    paused, weekly, monthly, all = people(world, 4)
    before = draft(world)
    before.phase, before.started_at = "done", clock.now()
    partitions.make(before.id)
    for number, row in enumerate((paused, weekly, monthly, all)):
        db.session.add(Recipient(
            job_id=before.id, number=number, member_id=row["id"], address=row["address"], state="accepted",
            address_key=row["address_key"], handed_at=clock.now().timestamp()))
    subscriptions.get(world.offers, paused["id"]).paused_until = clock.now() + timedelta(days=30)
    subscriptions.get(world.offers, weekly["id"]).frequency = "weekly"
    subscriptions.get(world.offers, monthly["id"]).frequency = "monthly"
    db.session.flush()
    job = draft(world)
    for days, missing in ((0, [paused, weekly, monthly]), (8, [paused, monthly]), (31, [])):
        turn(days * 86_400)
        everyone = {"dave@example.org", *(row["address"] for row in (paused, weekly, monthly, all))}
        assert addresses(job) == sorted(everyone - {row["address"] for row in missing}), days
        assert funnel.count(job).resting == funnel.size(job, "resting") == len(missing)
        turn(-days * 86_400)


def test_a_pause_holds_mail_to_the_whole_dataset(world, turn):
    job = draft(world, list_id=None)
    pause = clock.now() + timedelta(days=30)
    db.session.add(Account(dataset_id=world.dataset.id, member_id=world.dave["id"], paused_until=pause))
    db.session.flush()
    assert addresses(job) == [] and funnel.count(job).resting == 1
    turn(31 * 86_400)
    assert addresses(job) == ["dave@example.org"]
