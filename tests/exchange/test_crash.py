"""An import whose process dies: it goes on where it was, and nothing is told twice or in part."""

import pytest

from maestro.exchange import imports
from maestro.extensions import db
from tests.parts.importer import POINTS, Ordeal, people_of

HEADER = ["address", "first_name", "city"]
OLD = [[f"p{number}@example.org", f"P{number}", "York"] for number in range(3000)]
DAVE = ["dave@example.org", "Dave", "York"]
NEW = [[address, first, "York" if number % 10 else "Bristol"] for number, (address, first, _) in enumerate(OLD[300:])]
NEW += [[f"q{number}@example.org", f"Q{number}", "York"] for number in range(300)]


@pytest.fixture
def ordeal(bring_in, draft, config, world):
    """The old people are on the list; an import of the new ones is due."""
    bring_in([HEADER, *OLD, DAVE], list=world.offers)
    run = draft([HEADER, *NEW, ["nobody", "", ""]], "synchronise", list=world.offers)
    imports.start(run, False, by=world.alice)
    db.session.commit()
    return Ordeal(config, run.id, world.dataset, world.offers)


def expected():
    """Who is missing is off the list and stays in the dataset."""
    return people_of([*OLD[:300], DAVE], listed=False) | people_of(NEW)


def test_an_import_killed_at_every_named_point_gets_through(ordeal):
    for point in POINTS:
        ordeal.kill_at(point)
    assert ordeal.finish(expected()) == dict.fromkeys((point.partition(":")[0] for point in POINTS), 1)
