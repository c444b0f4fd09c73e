"""The whole answer of a query to PostgreSQL as COPY sends it, a line for each row: quicker than the rows of a cursor.

A question that a cursor was declared for is one SELECT, and in parentheses it is still that one.
"""

import io
from contextlib import suppress

import polars as pl
import psycopg
from polars.exceptions import ComputeError

from maestro.lib.foreign.place import PATIENCE
from maestro.lib.foreign.texts import decoded
from maestro.lib.tabular.batch import names

ROWS, BYTES = 20_000, 8_000_000  # in a frame, about
ESCAPES = {r"\\": "\\", r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\b": "\b", r"\f": "\f", r"\v": "\v"}


def frames(connection, question, forms):
    """Frames of texts with everything that `question` answers, of whose columns `forms` make texts."""
    copy = f"COPY (\n{question}\n) TO STDOUT (NULL '')".encode(connection.info.encoding)
    with connection.cursor().copy(copy) as lines:
        try:
            for page in pages(lines):
                yield frame(page, forms)
        except GeneratorExit:                      # psycopg would go through all that is still to come
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=PATIENCE)
            connection.close()
            raise


def pages(lines):
    page, rows = io.BytesIO(), 0
    for line in lines:
        page.write(line)
        rows += 1
        if rows == ROWS or page.tell() > BYTES:
            yield page.getvalue()
            page, rows = io.BytesIO(), 0
    if rows:
        yield page.getvalue()


def frame(lines, forms):
    try:
        found = read(lines, len(forms))
    except ComputeError:                           # not UTF-8, from a database that takes any bytes for texts
        cells = b"\n".join(b"\t".join(decoded(cell).encode() for cell in line.split(b"\t"))
                           for line in lines.split(b"\n"))
        found = read(cells, len(forms))
    return pl.DataFrame([form(column) for form, column in zip(forms, found, strict=True)])


def read(lines, width):
    """The line before the first is for polars, which would take a mark of byte order there for its own."""
    found = pl.read_csv(b"\n" + lines, has_header=False, skip_rows=1, separator="\t", quote_char=None,
                        schema=dict.fromkeys(names(width), pl.String))
    return found.with_columns(pl.all().str.replace_many(ESCAPES)) if b"\\" in lines else found
