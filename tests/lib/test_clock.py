from datetime import UTC, datetime

import pytest

from maestro.lib import clock

CASES = [                                          # zone, wall, instant in UTC
    ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:30"),      # left out by the change: counted from before it
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),      # twice: the first
    ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:30"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
    ("Asia/Kathmandu", "2026-11-22 09:00", "2026-11-22 03:15"),
]


@pytest.mark.parametrize(("zone", "wall", "utc"), CASES)
def test_wall_time_becomes_one_moment(zone, wall, utc):
    assert clock.instant(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_clock_can_be_turned(turn):
    before = clock.now()
    turn(3600)
    assert 3590 < (clock.now() - before).total_seconds() < 3610


def test_zones_are_those_of_places():
    assert "Europe/Berlin" in clock.zones()
    assert "UTC" in clock.zones()
