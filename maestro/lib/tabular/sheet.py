"""Rows of a workbook (XLSX), read as a stream with defused XML."""

import zipfile
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from maestro.lib.errors import Refused
from maestro.lib.tabular.limits import SHARED_TEXTS, SHEET_ROW, check_growth
from maestro.lib.tabular.packed import PIECE, is_zip
from maestro.lib.tabular.page import Page

MOST = 1_048_576                 # rows of a sheet, in the programs that write them
ROW_END = b"row>"
DAMAGED = (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError, OSError)


def is_workbook(path):
    if not is_zip(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


class opened:
    """The workbook at `path`, after a look at how large it would grow; what is wrong with it is said in words."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        check_size(self.path)
        try:
            self.book = load_workbook(self.path, read_only=True, data_only=True)
        except DAMAGED as problem:
            raise refusal() from problem
        return self.book

    def __exit__(self, kind, problem, trace):
        self.book.close()
        if kind and issubclass(kind, DAMAGED):
            raise refusal() from problem


def refusal():
    return Refused("This workbook is damaged or not written in a form that can be read. Save it as CSV.", "file")


def check_size(path):
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_growth(path.stat().st_size, sum(entry.file_size for entry in entries))
            if any(is_too_long(archive, entry) for entry in entries):
                raise Refused("This workbook holds too much text. Save it as CSV.", "file")
    except DAMAGED as problem:
        raise refusal() from problem


def is_too_long(archive, entry):
    """Whether something that is held whole while it is read is longer than anybody needs: the texts, or one row."""
    if entry.filename.endswith("sharedStrings.xml"):
        return entry.file_size > SHARED_TEXTS
    if entry.file_size <= SHEET_ROW or not entry.filename.startswith("xl/worksheets/"):
        return False
    since, rest = 0, b""
    with archive.open(entry) as sheet:
        while since <= SHEET_ROW and (piece := sheet.read(PIECE)):
            found = (rest + piece).rfind(ROW_END)
            since = since + len(piece) if found < 0 else len(rest) + len(piece) - found
            rest = piece[-len(ROW_END) + 1:]
    return since > SHEET_ROW


def rows(path):
    """(row number, cells as text) of every row of the first sheet that is not empty."""
    with opened(path) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()                   # a sheet may say that it is larger than it is
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MOST:
                raise Refused(f"A sheet has at most {MOST:,} rows. Save it as CSV.", "file")
            texts = [as_text(cell) for cell in cells]
            if any(texts):
                yield number, texts


def as_text(cell):
    """A cell as a text file would have it: dates ISO, whole numbers without a point, yes and no as T and F."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "T" if cell else "F"
    if isinstance(cell, datetime) and not any((cell.hour, cell.minute, cell.second)):
        return cell.date().isoformat()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def height(path):
    """The number of rows that the sheet says it has; 0 when it does not say."""
    with opened(path) as book:
        return min(book.worksheets[0].max_row or 0, MOST)


def first_row(path):
    return next((cells for _, cells in rows(path)), [])


def batches(path, width):
    """Every row of the sheet, the header too. Short rows are filled up: a sheet does not keep empty cells."""
    page = Page(width)
    for number, cells in rows(path):
        page.put(number, cells if any(cells[width:]) else (cells + [""] * width)[:width])
        if page.is_full():
            yield page.take()
    if page.has_rows():
        yield page.take()
