"""Synchronised both ways: a company's customers, a night, a day on both sides, a night; and somebody who checks it.

What holds is found out by a program that knows nothing of Maestro but its exports and its published files.
"""

import pytest

from tests.parts import visitors
from tests.parts.two_sides import TwoSides
from tests.parts.visitors import Visitors

pytestmark = pytest.mark.xdist_group("mariadb")
COUNT = 20_000
ROWS = [("sqlite", "mysql", COUNT), ("postgresql", "postgresql", COUNT)]


@pytest.fixture(params=ROWS, ids=lambda row: f"{row[0]} beside {row[1]}")
def both(request, tmp_path, smtp_sink):
    """A Maestro beside a company with customers."""
    warehouse, kind, request.instance_count = request.param
    url = request.getfixturevalue("postgres").create() if warehouse == "postgresql" else ""
    server = request.getfixturevalue("postgres" if kind == "postgresql" else "mariadb")
    with TwoSides(tmp_path, url, kind, server, smtp_sink) as both:
        both.count = request.param[2]
        both.company.fill(1, both.count)
        yield both


def test_after_a_night_both_sides_are_the_same_and_the_change_log_says_why(both):
    count, few = both.count, both.count // 1000
    assert both.night()["added"] == count
    assert both.check()["log"] == {"ADD D": count, "ADD L": count}
    both.write_back()
    both.company.live(count)
    Visitors(both).live()
    found = both.night()
    assert (found["added"], found["rejected"]) == (few, 0)
    told = both.check()
    assert told["customers"] == count - len(visitors.LEAVE) - len(visitors.GO) + len(visitors.JOIN)
    assert both.conflicts() == visitors.CONFLICTS
    found = both.night()
    assert found["unchanged"] == told["customers"] and not both.check()["log"]
