"""Tables out: CSV as RFC 4180 has it, the same made safe for spreadsheets, and JSON lines."""

import csv
import io
import json

GATHER = 65_536                                 # characters handed out at once
RISKY = tuple("=+-@\t\r＝＋－＠")      # what makes a spreadsheet take a cell for a formula, and the full-width forms


def csv_bytes(header, rows, guard=False):
    """UTF-8 without byte order mark, comma, CRLF. With `guard` no cell can be taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(guarded(header) if guard else header)
    for row in rows:
        writer.writerow(guarded(row) if guard else row)
        if text.tell() > GATHER:
            yield take(text)
    yield take(text)


def take(text):
    found = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return found


def guarded(cells):
    return ["'" + cell if isinstance(cell, str) and cell.startswith(RISKY) else cell for cell in cells]


def json_lines(header, rows):
    """One object a line, keys as in the header, non-ASCII text as it is."""
    gathered = []
    for row in rows:
        gathered.append(json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n")
        if len(gathered) == 500:
            yield "".join(gathered).encode()
            gathered.clear()
    yield "".join(gathered).encode()
