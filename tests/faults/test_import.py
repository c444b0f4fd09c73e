"""An import's process killed at random moments and at every named point, over and over (20,000 rows)."""

import random

import pytest

from maestro.exchange import imports
from maestro.extensions import db
from tests.parts.importer import POINTS, Ordeal, people_of

HEADER = ["address", "first_name", "city"]
KILLS = 30
ROWS = 20_000


def rows(turn):
    """The source at its turn: 1,000 come, 1,000 go, every tenth moves house."""
    for number in range(turn * 1000, turn * 1000 + ROWS):
        yield [f"p{number}@example.org", f"P{number}", "Bristol" if number % 10 == turn % 2 else "York"]


def expected(before, turn):
    """Who has gone from the source is off the list and stays in the dataset."""
    return {address: values | {"listed": False} for address, values in before.items()} | people_of(rows(turn))


@pytest.fixture
def settings():
    """No mail server is needed."""
    return {}


@pytest.fixture
def begin(bring_in, draft, config, world):
    """The import of a turn, about to start, as an ordeal."""
    def start(turn):
        run = draft([HEADER, *rows(turn), ["nobody", "", ""]], "synchronise", list=world.offers, strict=True)
        imports.start(run, False, by=world.alice)
        db.session.commit()
        return Ordeal(config, run.id, world.dataset, world.offers)
    bring_in([HEADER, *rows(0)], list=world.offers)
    return start


@pytest.mark.parametrize("seed", [20261122])
def test_imports_that_are_killed_again_and_again_get_through(begin, seed, capsys):
    chance, kills, turn = random.Random(seed), 0, 0
    while kills < KILLS:
        ordeal = begin(turn := turn + 1)
        while not ordeal.is_over() and kills + ordeal.kills.total() < KILLS:
            if chance.random() < 0.5:
                ordeal.kill_at(chance.choice(POINTS))
            else:
                ordeal.kill_after(chance.uniform(0, 1.5))
        done = ordeal.finish(expected(ordeal.before, turn))
        kills += done.total()
        with capsys.disabled():
            print(f"\n{db.engine.dialect.name}, seed {seed}, import {turn}: killed {dict(done)}, {kills} in all")
