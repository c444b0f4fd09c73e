import pytest
from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.errors import NotFound
from maestro.lib.tokens import Read
from maestro.mailing import compose, leaving
from maestro.models import Change, Consent, Subscription
from maestro.warehouse import lists, members, subscriptions
from tests.writing import draft


@pytest.fixture
def place(world):
    return leaving.find(Read(db.session.query(Subscription).one().id, 0))


def state(world, list=None):
    return subscriptions.get(list or world.offers, world.dave["id"]).state


def test_leaving_a_list_is_stored_with_its_proof(world, place):
    leaving.leave(place, "one-click", "192.0.2.7")
    assert state(world) == "left"
    assert members.get(world.dataset, world.dave["id"])["state"] == "confirmed"
    proof = db.session.scalars(select(Consent).where(Consent.given.is_(False))).one()
    assert (proof.how, proof.ip) == ("one-click", "192.0.2.7")
    change = db.session.scalars(select(Change).order_by(Change.id.desc())).first()
    assert (change.code, change.level, change.cause, change.ip) == ("DEL", "L", "self", "192.0.2.7")


def test_a_repeat_changes_nothing(world, place):
    leaving.leave(place, "one-click", None)
    before = db.session.query(Change).count()
    leaving.leave(place, "one-click", None)
    assert db.session.query(Change).count() == before


def test_a_slip_is_undone(world, place):
    leaving.leave(place, "unsubscribe page", None)
    leaving.come_back(place, None)
    assert state(world) == "confirmed"
    assert db.session.scalars(select(Consent).order_by(Consent.id.desc())).first().given is True


def test_leaving_all_lists_and_coming_back_to_all(world, place):
    news = lists.create(world.dataset, "News", by="test")
    subscriptions.join(news, world.dave, by="test")
    db.session.expire(world.dataset)
    left = leaving.leave_all(place, "unsubscribe page", None)
    assert {list.name for list in left} == {"Offers", "News"}
    assert state(world) == state(world, news) == "left"
    leaving.come_back(place, None, [news.id, world.foreign_list.id])
    assert state(world) == state(world, news) == "confirmed"


def test_nobody_comes_back_to_a_list_that_a_user_took_him_off(world, place):
    subscriptions.leave(world.offers, world.dave, world.alice)
    leaving.come_back(place, None)
    assert state(world) == "left"


def test_a_link_of_a_job_to_a_dataset_leaves_the_dataset(world):
    number = compose.unsubscribing(draft(world, list_id=None), world.dave["id"], None)
    place = leaving.find(Read(number, 0))
    assert (place.list, place.name, place.gone) == (None, "Customers", False)
    leaving.leave(place, "one-click", None)
    leaving.leave(leaving.find(Read(number, 0)), "one-click", None)
    assert members.get(world.dataset, world.dave["id"])["state"] == "left"
    leaving.come_back(leaving.find(Read(number, 0)), None)
    assert members.get(world.dataset, world.dave["id"])["state"] == "confirmed"


@pytest.mark.parametrize("number", [
    0, 999, compose.WHOLE_DATASET | 999 << 40 | 1, compose.WHOLE_DATASET | 1 << 40 | 999])
def test_a_link_to_nobody_is_not_found(world, number):
    with pytest.raises(NotFound):
        leaving.find(Read(number, 0))
