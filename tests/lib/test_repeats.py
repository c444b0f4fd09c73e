"""Repeat rules in wall clocks: the next time, over changes of the clocks, and what is no rule."""

from datetime import UTC, datetime

import pytest

from maestro.lib import repeats
from maestro.lib.errors import Refused


@pytest.mark.parametrize("rule, after, then", [
    ({"every": "minutes", "minutes": 15}, "2026-03-29 00:50", "2026-03-29 01:05"),
    ({"every": "daily", "at": "02:00"}, "2026-11-22 00:30", "2026-11-22 01:00"),
    ({"every": "daily", "at": "02:00"}, "2026-11-22 01:00", "2026-11-23 01:00"),
    ({"every": "daily", "at": "02:30"}, "2026-03-28 12:00", "2026-03-29 01:30"),      # left out: 03:30 by the clock
    ({"every": "daily", "at": "02:30"}, "2026-03-29 12:00", "2026-03-30 00:30"),
    ({"every": "daily", "at": "02:30"}, "2026-10-25 00:30", "2026-10-26 01:30"),      # twice: the first one counts
    ({"every": "weekly", "days": [0, 4], "at": "06:00"}, "2026-11-22 12:00", "2026-11-23 05:00"),
    ({"every": "weekly", "days": [0, 4], "at": "06:00"}, "2026-11-23 05:00", "2026-11-27 05:00"),
    ({"every": "cron", "cron": "0 2 * * 1-5"}, "2026-11-20 12:00", "2026-11-23 01:00"),
    ({"every": "cron", "cron": "30 2 25 10 *"}, "2026-10-25 00:45", "2027-10-25 00:30"),
])
def test_the_next_time(rule, after, then):
    found = repeats.next_time(repeats.checked(rule), "Europe/Berlin", datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(then).replace(tzinfo=UTC)


@pytest.mark.parametrize("text, rule", [
    ("", {}), ("hourly", {"every": "minutes", "minutes": 60}), ("daily 02:00", {"every": "daily", "at": "02:00"}),
    ("Weekly Mon,fri 06:00", {"every": "weekly", "days": [0, 4], "at": "06:00"}),
    ("0 2 * * 1-5", {"every": "cron", "cron": "0 2 * * 1-5"})])
def test_a_line_means_a_rule(text, rule):
    assert repeats.checked(repeats.read(text)) == rule


@pytest.mark.parametrize("text, field", [
    ("daily", "cron"), ("daily noon", "at"), ("weekly 02:00", "cron"), ("weekly monday 02:00", "days"),
    ("hourly 5", "cron")])
def test_a_line_that_means_none(text, field):
    with pytest.raises(Refused) as refusal:
        repeats.checked(repeats.read(text))
    assert refusal.value.field == field


@pytest.mark.parametrize("rule, field", [
    ({"every": "hourly"}, "every"), ({"every": "minutes", "minutes": 0}, "minutes"),
    ({"every": "daily", "at": "2"}, "at"), ({"every": "daily"}, "at"), ({"every": "weekly", "at": "02:00"}, "days"),
    ({"every": "cron", "cron": "* * *"}, "cron"), ({"every": "cron", "cron": "61 * * * *"}, "cron"),
    ({"every": "cron", "cron": "0 0 31 2 *"}, "cron"), ({"every": "cron", "cron": "* * * * * *"}, "cron")])
def test_what_is_no_rule(rule, field):
    with pytest.raises(Refused) as refused:
        repeats.checked(rule)
    assert refused.value.field == field


def test_rules_in_words():
    assert repeats.checked({}) == {} and repeats.next_time({}, "UTC", datetime.now(UTC)) is None
    assert repeats.words({"every": "daily", "at": "02:00"}, "Europe/Berlin") == "every day at 02:00, Europe/Berlin time"
    assert repeats.words({"every": "minutes", "minutes": 1}, "UTC") == "every minute"
    assert "Monday, Friday" in repeats.words({"every": "weekly", "days": [0, 4], "at": "06:00"}, "UTC")
