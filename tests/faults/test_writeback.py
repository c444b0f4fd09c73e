"""A write-back whose process is killed over and over: each change is over there once, in its order."""

import random
import subprocess

import pytest
from sqlalchemy import update

from maestro.exchange import writing
from maestro.extensions import db
from maestro.models import Lease
from maestro.warehouse import members, subscriptions
from tests.exchange.test_writing import database, kind, publish, rows, shop, there, writeback  # noqa: F401 - fixtures
from tests.parts.importer import Process
from tests.parts.shop import HERE

KILLS, PEOPLE = 15, 3000

pytestmark = pytest.mark.xdist_group("mariadb")


@pytest.fixture
def settings():
    """No mail server is needed."""
    return {"EGRESS_ALLOW": (HERE,)}


@pytest.fixture
def changed(writeback, world):  # noqa: F811 - a fixture
    """Three thousand people joined, and every tenth has left again."""
    for number in range(PEOPLE):
        person = members.add(world.dataset, f"p{number}@example.org", {"first_name": f"P{number}"}, by=None)
        subscriptions.join(world.offers, person, by=None)
        if number % 10 == 0:
            subscriptions.leave(world.offers, person, by=None, cause="self")
    publish()


def test_a_write_back_that_is_killed_again_and_again_gets_through(
        writeback, changed, there, config, report):  # noqa: F811 - fixtures
    chance, kills = random.Random(20261122), 0
    for _ in range(KILLS):
        process = Process(config, writeback.id, f"written_back:{chance.randint(1, 4)}" if chance.random() < 0.4 else "",
                          kind="writeback")
        kills += kill(process, chance)
        with db.engine.begin() as connection:      # as two minutes without a sign of life would
            connection.execute(update(Lease).values(until=0))
    publish()
    assert writing.run_writeback(writeback.id), writing.load(writeback.id).problem
    there_now = rows(there, "email, first_name, subscribed")
    assert there_now == sorted(
        (f"p{number}@example.org", f"P{number}", int(number % 10 != 0)) for number in range(PEOPLE))
    report(f"{db.engine.dialect.name} to {writeback.connection.kind}: {kills} kills, {PEOPLE:,} people there once")


def kill(process, chance):
    """Kill it at some moment; says whether it was still alive."""
    try:
        process.process.wait(chance.uniform(0.8, 2.5))
    except subprocess.TimeoutExpired:
        process.process.kill()
    return process.wait() < 0
