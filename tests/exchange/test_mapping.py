"""Columns find their fields."""

import pytest

from maestro.exchange import mapping, transform
from maestro.lib.errors import Refused
from maestro.models import Field

FIRST = Field(name="first_name", label="First name", type="text", required=True)
SINCE = Field(name="since", label="Customer since", type="date")


@pytest.mark.parametrize("columns, found", [
    (["address"], {"address": "address"}),
    (["E-Mail Address", "First Name"], {"address": "E-Mail Address", "first_name": "First Name"}),
    (["EMAIL", "FIRST_NAME", "Customer-Since"],
     {"address": "EMAIL", "first_name": "FIRST_NAME", "since": "Customer-Since"}),
    (["mail", "firstname", "other"], {"address": "mail", "first_name": "firstname"}),
    (["who", "first name"], {"address": "who", "first_name": "first name"}),
    (["Column 1"], {}),
])
def test_names_are_matched_without_case_blanks_and_signs(columns, found):
    samples = {column: ["ann@example.org"] if column == "who" else ["x"] for column in columns}
    assert mapping.guess(columns, [FIRST, SINCE], samples) == found


@pytest.mark.parametrize("given, mode, field", [
    ({"address": "a", "nobody": "a"}, "add", "nobody"),
    ({"address": "missing"}, "update", "address"),
    ({"first_name": "a"}, "update", "address"),
    ({"address": "a"}, "add", "first_name"),
    ({"address": "a"}, "synchronise", "first_name"),
])
def test_a_mapping_that_cannot_work_is_refused_at_the_field(given, mode, field):
    with pytest.raises(Refused) as refusal:
        mapping.check(given, ["a", "b"], [FIRST, SINCE], mode)
    assert refusal.value.field == field


@pytest.mark.parametrize("mode", ["update", "remove"])
def test_who_is_only_updated_or_removed_needs_no_mandatory_column(mode):
    mapping.check({"address": "a"}, ["a"], [FIRST], mode)


def test_three_different_samples_of_each_column_are_shown():
    assert mapping.shown({"a": ["1", "1", "2", "3", "4"], "b": []}) == {"a": ["1", "2", "3"], "b": []}


@pytest.mark.parametrize(("format", "good"), [
    ("%d.%m.%Y", True), ("%d/%m/%Y %H:%M", True), ("%Y%m%d", True), ("%d.%m.%Y%3", False), ("%3", False),
    ("%d.%m.%Y%", False), ("%%", False), ("dd.mm.yyyy", False), ("%s", False), ("", False)])
def test_dates_are_said_as_they_can_be_read(format, good):
    assert transform.is_date_format(format) == good
