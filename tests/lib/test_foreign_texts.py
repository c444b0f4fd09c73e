from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.lib.foreign.texts import text, texts

MIDNIGHT = datetime(2026, 11, 22)  # noqa: DTZ001 - as a column without a zone gives it
KINDS = [st.text(), st.booleans(), st.integers(), st.floats(), st.floats(-1e6, 1e6).map(round).map(float), st.dates(),
         st.datetimes(), st.decimals(), st.binary()]


@pytest.mark.parametrize(("value", "written"), [
    (1.0, "1"), (-0.0, "0"), (0.5, "0.5"), (1e15, "1000000000000000"), (1e16, "1" + "0" * 16), (float("nan"), ""),
    (float("inf"), ""), (date(2026, 11, 22), "2026-11-22"), (date(99, 1, 2), "0099-01-02"), (True, "T"),
    (2**70, str(2**70)), (Decimal("1.50"), "1.5"), (MIDNIGHT, "2026-11-22"), (b"caf\xe9", "café"),
    (["a", 1], "a,1"), (None, None), ("", "")])
def test_values_are_written_plainly(value, written):
    assert text(value) == written


@pytest.mark.parametrize("value", [UUID(int=1), ip_address("192.0.2.1"), 2**200, {"one"}, range(3)])
def test_values_that_no_table_knows_are_written_as_well(value):
    assert texts("c0", [value, None]).to_list() == [text(value), None]


@given(st.one_of(st.lists(st.none() | kind) for kind in KINDS))
def test_a_column_is_written_as_its_values(values):
    assert texts("c0", values).to_list() == [text(value) for value in values]
