"""A write-back that two processes are at: one of them was asleep, or thinks that the part is still its own."""

# ruff: noqa: F811 - fixtures of another file
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from maestro.exchange import connections, other_side, writing
from maestro.exchange.other_side import Busy
from maestro.extensions import db
from maestro.lib.foreign import reading as foreign
from maestro.models import Lease
from maestro.warehouse import members
from tests.exchange.test_writing import add, database, go, kind, publish, rows, shop, there, writeback  # noqa: F401
from tests.parts.shop import HERE

pytestmark = pytest.mark.xdist_group("mariadb")


@pytest.fixture
def settings():
    return {"EGRESS_ALLOW": (HERE,)}


@contextmanager
def begun(writeback):
    """What a process has in its hands that fell asleep before it wrote: `write` goes on with it."""
    publish()
    hold = writing.Hold(f"writeback-{writeback.id}")
    hold.keep()
    place = connections.place(writeback.connection)
    with foreign.opened(place, writing=True) as (driver, connection):
        side = other_side.Side(place, driver, connection, hold.keep_in_time)
        cursor = other_side.find_cursor(writeback, side)
        deeds = writing.gather(writeback, cursor)
        yield deeds, lambda: writing.write(writeback, side, deeds, cursor, hold)


@pytest.fixture
def ann(writeback, world):
    """She is over there, and has changed her name since."""
    ann = add(world, "ann@example.org", first_name="Ann")
    assert go(writeback)
    return members.change(world.dataset, ann, {"first_name": "Anna"}, by=None, cause="self")


def test_who_wakes_up_late_writes_nothing_that_is_there_already(writeback, ann, there, world):
    with begun(writeback) as (_, write):
        members.change(world.dataset, ann, {"first_name": "Annie"}, by=None, cause="self")
        assert go(writeback)
        with pytest.raises(Busy):
            write()
    assert rows(there, "first_name") == [("Annie",)]
    assert go(writeback) and there.run("SELECT seq FROM maestro_cursor") == [(writeback.cursor,)]


def test_without_a_cursor_over_there_it_writes_nothing_once_another_has_its_part(writeback, ann, there, world):
    writeback.foreign_cursor = False
    with begun(writeback) as (_, write):
        members.change(world.dataset, ann, {"first_name": "Annie"}, by=None, cause="self")
        assert go(writeback)
        db.session.execute(update(Lease).values(owner="another process", until=1e12))
        db.session.commit()
        with pytest.raises(Busy):
            write()
    assert rows(there, "first_name") == [("Annie",)]


def test_the_cursor_never_goes_back(writeback, ann, world):
    with begun(writeback) as (deeds, _):
        members.change(world.dataset, ann, {"first_name": "Annie"}, by=None, cause="self")
        assert go(writeback)
    reached = writeback.cursor
    writing.book(writeback, deeds, [])
    assert writeback.cursor == reached > deeds[-1].seq


COUNTED = {                                        # the third and the fifth insert of all fail
    "postgresql": ["CREATE SEQUENCE times", "GRANT USAGE ON times TO clerk",
                   "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('times') IN (3, 5) "
                   "THEN RAISE 'not now'; END IF; RETURN NEW; END $$",
                   "CREATE TRIGGER fails BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION fail()"],
    "mysql": ["CREATE SEQUENCE times",
              "CREATE TRIGGER fails BEFORE INSERT ON people FOR EACH ROW BEGIN IF NEXT VALUE FOR times IN (3, 5) THEN "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not now'; END IF; END"]}


def test_a_second_problem_before_the_first_one_loses_nothing(writeback, there, world, kind):
    for statement in COUNTED[kind]:
        there.run(statement)
    for name in ("ann", "ben", "cara", "dan"):
        add(world, f"{name}@example.org")
    assert not go(writeback) and "not now" in writeback.problem
    assert rows(there, "email") == [("ann@example.org",)]
    assert go(writeback) and len(rows(there)) == 4
