"""Workbooks."""

import random
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from maestro.lib.errors import Refused
from maestro.lib.tabular import sheet
from maestro.lib.tabular.read import guess, open_table


@pytest.fixture
def book(tmp_path):
    def make(*rows):
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        made.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"
    return make


def rows(path):
    table = open_table(path, guess(path))
    return table.columns, [row for batch in table.batches() for row in batch.frame.fill_null("").drop("line").rows()]


def test_cells_become_the_text_that_a_text_file_would_have(book):
    path = book(["address", "number", "since", "at", "yes"],
                ["ann@example.org", 12.0, date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), True],  # noqa: DTZ001
                ["bob@example.org", 12.5, None, None, False])
    assert rows(path) == (["address", "number", "since", "at", "yes"], [
        ("ann@example.org", "12", "2024-01-02", "2024-01-02T03:04:00", "T"), ("bob@example.org", "12.5", "", "", "F")])


def test_empty_rows_are_passed_over_and_row_numbers_are_those_of_the_sheet(book):
    path = book(["address"], [None], ["ann@example.org"])
    frames = [batch.frame for batch in open_table(path, guess(path)).batches()]
    assert frames[0]["line"].to_list() == [3]


def test_a_workbook_without_header_has_numbered_columns(book):
    assert rows(book(["ann@example.org", "Ann"])) == (["Column 1", "Column 2"], [("ann@example.org", "Ann")])


def sheet_of(book, tmp_path, xml):
    """A workbook whose only sheet is this XML."""
    path = book(["address"], ["ann@example.org"])
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as other:
        for entry in archive.namelist():
            other.writestr(entry, xml if "sheet1" in entry else archive.read(entry))
    return tmp_path / "x.xlsx"


SHEET = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData>'
         '</worksheet>')
CELL = '<c r="{}{}" t="inlineStr"><is><t>{}</t></is></c>'


def row(number, *texts):
    return f'<row r="{number}">' + "".join(map(CELL.format, "ABCDEF", [number] * len(texts), texts)) + "</row>"


def test_a_sheet_that_says_it_is_larger_than_it_is_is_read_as_it_is(book, tmp_path):
    dimension = '<dimension ref="A1:XFD99999999999"/>'
    path = sheet_of(book, tmp_path, SHEET.format(dimension, row(1, "address", "name") + row(5, "ann@example.org")))
    assert rows(path) == (["address", "name"], [("ann@example.org", "")])
    assert open_table(path, guess(path)).estimate() == sheet.MOST


def test_a_row_beyond_every_sheet_is_refused_and_not_counted_up_to(book, tmp_path):
    path = sheet_of(book, tmp_path, SHEET.format("", row(1, "address") + row(2_000_000_000, "ann@example.org")))
    with pytest.raises(Refused, match="at most 1,048,576 rows"):
        rows(path)


def test_a_row_that_never_ends_is_refused_before_it_is_read(book, tmp_path):
    noise = bytes(range(97, 123)) * 4
    long = b"".join(bytes(random.Random(number).choices(noise, k=4000)) * 10 for number in range(850)).decode()
    path = sheet_of(book, tmp_path, SHEET.format("", row(1, "address") + row(2, long)))
    with pytest.raises(Refused, match="too much text"):
        rows(path)
    rest = "".join(row(number, "x", long[:200_000]) for number in range(2, 200))
    path = sheet_of(book, tmp_path, SHEET.format("", row(1, "address", "name") + rest))
    batches = list(open_table(path, guess(path)).batches())
    assert sum(len(batch.bad) for batch in batches) == 198 and "limit is 10,000" in batches[0].bad[0].reason


def test_xml_is_read_defused():
    assert openpyxl.DEFUSEDXML


def test_an_xml_bomb_and_a_damaged_workbook_are_refused(book, tmp_path):
    bomb = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;">]><a>&y;</a>"""
    path = book(["address"], ["ann@example.org"])
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as other:
        for entry in archive.namelist():
            other.writestr(entry, bomb if "sheet1" in entry else archive.read(entry))
    with pytest.raises(Refused, match="workbook is damaged"):
        rows(tmp_path / "bomb.xlsx")
    with zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as other:
        other.writestr("xl/workbook.xml", "rubbish")
    with pytest.raises(Refused, match="workbook is damaged"):
        rows(tmp_path / "odd.xlsx")


def test_a_workbook_that_would_grow_too_large_is_refused_before_it_is_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "large.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "")
        archive.writestr("xl/sharedStrings.xml", b"0" * 65_000_000)
    with pytest.raises(Refused, match="too large"):
        sheet.first_row(tmp_path / "large.xlsx")
