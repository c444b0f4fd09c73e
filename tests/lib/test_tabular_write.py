"""Tables out."""

import csv
import io
import json

import pytest

from maestro.lib.tabular.write import csv_bytes, json_lines


def test_csv_is_utf8_with_commas_and_crlf_and_no_mark():
    assert b"".join(csv_bytes(["address", "name"], [("ann@example.org", 'Ann "A", Ü')])) == (
        'address,name\r\nann@example.org,"Ann ""A"", Ü"\r\n'.encode())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A"])
def test_for_spreadsheets_no_cell_is_a_formula(cell):
    guarded = list(csv.reader(io.StringIO(b"".join(csv_bytes(["a"], [(cell,)], guard=True)).decode(), newline="")))
    assert guarded[1] == ["'" + cell]
    raw = list(csv.reader(io.StringIO(b"".join(csv_bytes(["a"], [(cell,)])).decode(), newline="")))
    assert raw[1] == [cell]


def test_long_tables_come_in_pieces():
    pieces = list(csv_bytes(["a"], (["x" * 100] for _ in range(5000))))
    assert len(pieces) > 5 and b"".join(pieces).count(b"\r\n") == 5001


def test_json_lines_are_one_object_each():
    lines = b"".join(json_lines(["address", "age"], [("ann@example.org", 1.5), ("bob@example.org", None)]))
    assert [json.loads(line) for line in lines.splitlines()] == [
        {"address": "ann@example.org", "age": 1.5}, {"address": "bob@example.org", "age": None}]
