from datetime import UTC, datetime

import pytest

from maestro.lib import clock, wording


def test_a_time_names_its_day_and_the_year_only_when_it_is_another():
    year = clock.today("Europe/Berlin").year
    moment = datetime(year, 11, 23, 7, 0, tzinfo=UTC)
    assert wording.when(moment, "Europe/Berlin") == f"{moment:%a} 23 Nov, 08:00"
    assert wording.when(moment.replace(year=2019), "Europe/Berlin") == "Sat 23 Nov 2019, 08:00"
    assert wording.when(None) == ""


def test_numbers_are_grouped_and_nouns_agree():
    assert wording.number(48210) == "48,210"
    assert wording.number(None) == ""
    assert wording.plural(1, "person", "people") == "1 person"
    assert wording.plural(0, "person", "people") == "0 people"
    assert wording.plural(2100, "person", "people") == "2,100 people"


@pytest.mark.parametrize(("part", "whole", "said"), [
    (0, 0, "0 %"), (0, 10, "0 %"), (10, 10, "100 %"), (62, 100, "62 %"), (1, 3, "33.3 %"),
    (1, 1_000_000, "under 0.1 %"), (999_999, 1_000_000, "over 99.9 %"),
])
def test_a_share_never_claims_all_or_nothing_too_early(part, whole, said):
    assert wording.percent(part, whole) == said


@pytest.mark.parametrize(("octets", "said"), [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (62_345, "62.3 kB"), (25_000_000, "25 MB"), (3e9, "3 GB"),
])
def test_sizes_count_in_thousands(octets, said):
    assert wording.size(octets) == said


@pytest.mark.parametrize(("seconds", "said"), [
    (0, "0 s"), (45, "45 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (7200, "2 h"), (172_800, "2 days"),
])
def test_a_span_takes_the_largest_unit_that_fits(seconds, said):
    assert wording.span(seconds) == said
