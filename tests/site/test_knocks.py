import pytest

from maestro.extensions import db
from maestro.lib.errors import TooMany
from maestro.models import Knock
from maestro.site import knocks
from maestro.warehouse import lists

HOUR, DAY = 3600, 86_400


@pytest.fixture
def three(world):
    return [world.offers, *(lists.create(world.dataset, name, by="test") for name in ("News", "Jobs"))]


@pytest.mark.parametrize("ip, told, counted", [
    ("192.0.2.77", "192.0.2.0/24", "192.0.2.77"), ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
    ("", "-", "nowhere"), (None, "-", "nowhere"), ("unix:", "-", "unix:")])
def test_how_much_of_an_address_is_told_and_counted(ip, told, counted):
    assert (knocks.prefix(ip), knocks.network(ip)) == (told, counted)


def test_an_address_and_list_get_one_confirmation_a_day_an_address_three(three, world, turn):
    offers, news, jobs = three
    key = "eve@example.org"
    assert knocks.free(key, [offers]) == [offers] and knocks.free(key, [offers]) == []
    assert knocks.free(key, [offers, news]) == [news]
    assert knocks.free("fay@example.org", three) == three
    assert knocks.free(key, [jobs]) == [jobs]
    assert knocks.free(key, [lists.create(world.dataset, "Fourth", by="test")]) == []
    turn(DAY + 1)
    assert knocks.free(key, [offers]) == [offers]


def test_other_mails_to_who_never_confirmed_count_with_them(three, turn):
    key = "eve@example.org"
    assert knocks.may_reach(key) and knocks.free(key, three[:1]) and knocks.may_reach(key)
    assert not knocks.may_reach(key) and knocks.free(key, three[1:]) == []
    turn(DAY + 1)
    assert knocks.may_reach(key)
    knocks.block(key)
    assert not knocks.may_reach(key)


def test_five_forms_of_a_place_in_ten_minutes(world, turn):
    for _ in range(5):
        knocks.brake("192.0.2.7")
    with pytest.raises(TooMany):
        knocks.brake("192.0.2.7")
    knocks.brake("192.0.2.8")
    turn(601)
    knocks.brake("192.0.2.7")


def test_a_crowd_begins_at_two_hundred_in_an_hour(world, turn):
    assert knocks.crowd([world.offers]) == 0 and knocks.crowd([]) == 0
    knocks.note(*[f"list:{world.offers.id}"] * 200)
    assert knocks.crowd([world.offers]) == 1
    turn(HOUR + 1)
    assert knocks.crowd([world.offers]) == 0


def test_nothing_that_counts_is_forgotten_and_no_address_is_kept(three, turn):
    knocks.block("eve@example.org")
    knocks.free("fay@example.org", three)
    assert not db.session.query(Knock).filter(Knock.key.contains("example")).count()
    turn(2 * DAY)
    knocks.tidy()
    assert knocks.is_blocked("eve@example.org") and db.session.query(Knock).count() == 1
    turn(90 * DAY)
    knocks.tidy()
    assert db.session.query(Knock).count() == 0
