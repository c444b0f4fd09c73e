"""The whole answer of a query to PostgreSQL as COPY sends it, a line for each row: quicker than the rows of a cursor.

A question that a cursor was declared for is one SELECT, and in parentheses it is still that one.
"""

import io

import polars as pl
from polars.exceptions import ComputeError

from maestro.lib.foreign.forms import FORMS, OF_DAYS
from maestro.lib.foreign.texts import decoded
from maestro.lib.tabular.batch import names

ROWS, BYTES = 20_000, 8_000_000  # in a frame, about
ESCAPES = {r"\\": "\\", r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\b": "\b", r"\f": "\f", r"\v": "\v"}


def is_plain(connection, types):
    """Whether we know how each of these types is written here."""
    iso = connection.info.parameter_status("DateStyle").startswith("ISO")
    return set(types) <= FORMS.keys() - (set() if iso else OF_DAYS)


def frames(connection, question, types):
    """Frames of texts with everything that `question` answers, whose columns are of these types."""
    copy = f"COPY (\n{question}\n) TO STDOUT (NULL '')".encode(connection.info.encoding)
    with connection.cursor().copy(copy) as lines:
        page, rows = io.BytesIO(), 0
        for line in lines:
            page.write(line)
            rows += 1
            if rows == ROWS or page.tell() > BYTES:
                yield frame(page.getvalue(), types)
                page, rows = io.BytesIO(), 0
        if rows:
            yield frame(page.getvalue(), types)


def frame(lines, types):
    try:
        found = read(lines, len(types))
    except ComputeError:                           # not UTF-8, from a database that takes any bytes for texts
        cells = b"\n".join(b"\t".join(decoded(cell).encode() for cell in line.split(b"\t"))
                           for line in lines.split(b"\n"))
        found = read(cells, len(types))
    return pl.DataFrame([FORMS[type](column) for type, column in zip(types, found, strict=True)])


def read(lines, width):
    """The line before the first is for polars, which would take a mark of byte order there for its own."""
    found = pl.read_csv(b"\n" + lines, has_header=False, skip_rows=1, separator="\t", quote_char=None,
                        schema=dict.fromkeys(names(width), pl.String))
    return found.with_columns(pl.all().str.replace_many(ESCAPES)) if b"\\" in lines else found
