"""Tables out: CSV as RFC 4180 has it, the same made safe for spreadsheets, and JSON lines."""

import codecs
import csv
import io
import json

GATHER = 65_536                                 # characters handed out at once
RISKY = tuple("=+-@\t\r＝＋－＠")      # what makes a spreadsheet take a cell for a formula, and the full-width forms


def csv_bytes(header, rows, guard=False, separator=",", encoding="utf-8"):
    """CRLF at the ends of lines; by default UTF-8 without byte order mark, and comma.

    With `guard` no cell can be taken for a formula. What an encoding does not know becomes a question mark.
    """
    text, encode = io.StringIO(), codecs.getincrementalencoder(encoding)("replace").encode
    writer = csv.writer(text, lineterminator="\r\n", delimiter=separator)
    writer.writerow(guarded(header) if guard else header)
    for row in rows:
        writer.writerow(guarded(row) if guard else row)
        if text.tell() > GATHER:
            yield encode(take(text))
    yield encode(take(text))


def take(text):
    found = text.getvalue()
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
