"""Imports from a database, and their undoing, killed over and over: all is old or new, and every step is told."""

import random

import pytest

from maestro.exchange import imports, launching
from maestro.extensions import db
from tests.exchange.test_importers import go
from tests.parts.importer import POINTS, Ordeal, content
from tests.parts.shop import HERE

KILLS, FIRST, STEP = 12, 8000, 500

pytestmark = pytest.mark.xdist_group("mariadb")


@pytest.fixture
def settings(tmp_path):
    """No mail server is needed."""
    return {"EGRESS_ALLOW": (HERE,), "IMPORT_DIR": (str(tmp_path / "sources"),)}


@pytest.fixture
def begin(nightly, there, world, config):
    """The import of a turn, about to start, as an ordeal: 500 come, 500 go, every tenth moves house."""
    there.fill(101, FIRST)
    go(nightly, world)

    def start(turn):
        there.run(f"DELETE FROM customers WHERE id <= {turn * STEP}")
        there.fill(FIRST + (turn - 1) * STEP + 1, FIRST + turn * STEP)
        there.run("UPDATE customers SET city = 'York'")
        there.run(f"UPDATE customers SET city = 'Bristol' WHERE id % 10 = {turn}")
        run, _ = launching.launch(nightly, world.alice)
        db.session.commit()
        return Ordeal(config, run.id, world.dataset, world.offers)
    return start


def expected(before, there):
    """Who is gone from the source is off the list and stays in the dataset; Dave was never in it."""
    rows = there.run("SELECT email, first_name, city FROM customers")
    gone = {address: values | {"listed": address.startswith("dave")} for address, values in before.items()}
    return gone | {email: {"first_name": first, "city": city, "birthday": "1990-01-02", "listed": True}
                   for email, first, city in rows}


def hurt(ordeal, chance, points):
    while not ordeal.is_over() and ordeal.kills.total() < KILLS:
        if chance.random() < 0.5:
            ordeal.kill_at(chance.choice(points))
        else:
            ordeal.kill_after(chance.uniform(0, 1))


def test_imports_from_a_database_and_their_undoing_are_killed_and_get_through(begin, there, config, world, report):
    chance, kills = random.Random(20261122), {}
    for turn in (1, 2):
        ordeal = begin(turn)
        hurt(ordeal, chance, POINTS)
        kills[f"import {turn}"] = dict(ordeal.finish(expected(ordeal.before, there)))
    imports.undo(imports.load(ordeal.run_id), by=world.alice)
    db.session.commit()
    undoing = Ordeal(config, ordeal.run_id, world.dataset, world.offers)
    hurt(undoing, chance, [f"undo_slice:{number}" for number in range(1, 5)])
    kills["undo"] = dict(undoing.finish(ordeal.before, "undone"))
    assert content(world.dataset, world.offers)[0] == ordeal.before
    report(f"{db.engine.dialect.name} from {there.kind}: killed {kills}")
