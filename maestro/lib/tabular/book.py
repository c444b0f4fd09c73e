"""Tables out as a workbook. Text stays text: nothing in it is taken for a formula."""

import re
import tempfile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from maestro.lib.errors import Refused

ROWS, LETTERS = 1_048_576, 32_767                  # of a sheet, the header included, and of a cell
PIECE = 1 << 16


def book_bytes(header, rows):
    """A workbook with one sheet, as pieces of bytes. Raises Refused where the rows do not fit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append([text_cell(sheet, name) for name in header])
    for number, row in enumerate(rows, 2):
        if number > ROWS:
            raise Refused(f"A sheet has at most {ROWS - 1:,} rows. Choose CSV.", "format")
        sheet.append([cell(sheet, value) for value in row])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def cell(sheet, value):
    """Numbers and dates as such; yes and no as T and F, as in the other forms."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, str):
        return text_cell(sheet, value)
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


def text_cell(sheet, text):
    found = WriteOnlyCell(sheet, re.sub(ILLEGAL_CHARACTERS_RE, "", text)[:LETTERS])
    found.data_type = "s"
    return found
