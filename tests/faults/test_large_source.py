"""A source with more rows than anybody has: the run stops whole, and nobody is removed."""

import pytest

from tests.exchange.test_importers import go, on_list
from tests.parts.shop import HERE

ENDLESS = """SELECT 'c' || n || '@example.org' AS email, 'C' AS first_name, 'York' AS city, date '1990-01-02' AS born
    FROM generate_series(1, 5000001) n"""


@pytest.fixture
def settings():
    """No mail server is needed."""
    return {"EGRESS_ALLOW": (HERE,)}


@pytest.mark.parametrize("kind", ["postgresql"])
def test_five_million_rows_and_one_are_too_many(nightly, world, report):
    assert go(nightly, world).counts["added"] == 100
    nightly.query = ENDLESS
    run = go(nightly, world)
    assert run.state == "failed" and "more than 5,000,000 rows" in run.problem, run.problem
    assert on_list(world.offers) == 101
    report(f"a source of 5,000,001 rows: {run.problem}")
