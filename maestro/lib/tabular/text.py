"""Rows of a text file. Regular pieces are parsed by polars; what it cannot be trusted with, by Python's own csv."""

import csv
import io
from itertools import chain

import polars as pl

from maestro.lib.errors import Refused
from maestro.lib.tabular.batch import names, tidy
from maestro.lib.tabular.lines import Endless, Lines
from maestro.lib.tabular.packed import pieces
from maestro.lib.tabular.page import Page
from maestro.lib.tabular.utf8 import Joined, as_utf8

GATHER = 1 << 20                # bytes parsed at once: some 20,000 rows
END = "\x00end\x00"           # a last line of our own: it shows whether a quote is still open


def batches(path, dialect, width):
    """Every row of the file, the header too."""
    source = Source(path, dialect)
    line = 1
    for data in source.whole_rows():
        ends, quoted = data.count(b"\n"), bool(dialect.quote) and dialect.quote.encode() in data
        frame = fast(data, dialect, width, line, ends, quoted)
        yield from [tidy(frame, quoted=quoted)] if frame is not None else exact(io.BytesIO(data), dialect, width, line)
        line += ends
    yield from exact(source.remainder(), dialect, width, line)


def first_row(path, dialect):
    """The cells of the first row that is not empty."""
    lines = Lines(Source(path, dialect).remainder(), 1)
    found = next((row for _, row in rows(lines, dialect) if any(row)), [])
    if lines.bad:
        raise Refused(f"Line {lines.bad[0].line:,}: {lines.bad[0].reason} Is this a table?", "file")
    return found


class Source:
    """A file as UTF-8. Pieces that end with a row are handed out as long as the ends of rows are certain;
    `remainder` is what comes after."""

    def __init__(self, path, dialect):
        self.dialect = dialect
        self.quote = dialect.quote.encode()
        self.stream = as_utf8(pieces(path), dialect.encoding)
        self.rest = b""

    def whole_rows(self):
        for piece in chain(self.stream, [b""]):
            self.rest += piece
            if piece and len(self.rest) < GATHER:
                continue
            end = last_end(self.rest, self.quote) if piece else len(self.rest)
            if not end or not is_regular(self.rest[:end], self.dialect):
                return
            data, self.rest = self.rest[:end], self.rest[end:]
            yield data

    def remainder(self):
        return io.BufferedReader(Joined(self.rest, self.stream))


def last_end(data, quote):
    """Where the last whole row ends: after a line end that lies outside of quotes. 0 if there is none."""
    end = data.rfind(b"\n") + 1
    odd = quote and data.count(quote, 0, end) % 2
    while end and odd:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(quote, before, end) % 2
        end = before
    return end


def is_regular(data, dialect):
    """Whether every quoted cell is quoted as a whole (RFC 4180), lines end alike, and nothing odd lies between."""
    if b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return False
    quote, separator = dialect.quote.encode(), dialect.separator.encode()
    if not quote or quote not in data:
        return True
    if data.count(quote) % 2:
        return False
    first, *middle, last = data.split(quote)[::2]         # what lies between quoted cells
    begins, ends = (separator, b"\r\n", b"\n"), (separator, b"\n")
    return ((not first or first.endswith(ends)) and (not last or last.startswith(begins))
            and all(part.startswith(begins) and part.endswith(ends) for part in set(middle) - {b""}))


def fast(data, dialect, width, line, ends, quoted):
    """The frame of a regular piece with so many line ends, or None when its rows have not all `width` cells."""
    try:
        frame = pl.read_csv(data, has_header=False, separator=dialect.separator, quote_char=dialect.quote or None,
                            schema=dict.fromkeys(names(width), pl.String))
    except pl.exceptions.PolarsError:                  # a row with too many cells, for one
        return None
    breaks = inside(frame, "\n") if quoted else pl.repeat(0, frame.height, eager=True)
    lines = ends + (not data.endswith(b"\n")) - breaks.sum()
    if lines != frame.height or not has_all_cells(frame, data, dialect.separator, quoted):
        return None
    before = breaks.cum_sum().shift(1, fill_value=0)
    return frame.with_columns((pl.int_range(pl.len()) + line + before).alias("line").cast(pl.Int64))


def has_all_cells(frame, data, separator, quoted):
    """Whether no row is too short: its last cell would be null. As no row is too long, the separators tell."""
    if not frame[:, -1].null_count():
        return True
    separators = data.count(separator.encode()) - (inside(frame, separator).sum() if quoted else 0)
    return separators == frame.height * (frame.width - 1)


def inside(frame, sign):
    """How often a sign stands within the cells of each row."""
    return frame.select(pl.sum_horizontal(pl.all().str.count_matches(sign, literal=True).fill_null(0))).to_series()


def exact(stream, dialect, width, line):
    """Batches by the slow reader: rows of another width become bad rows, one by one."""
    source, page = Lines(stream, line), Page(width, dialect.separator)
    for at, row in rows(source, dialect):
        page.put(at, row)
        if page.is_full():
            yield page.take(source.told())
    if page.has_rows() or source.bad:
        yield page.take(source.told())


def rows(lines, dialect):
    """(line, cells) of each row. Stops with a refusal that names the line where rows cannot be told any more."""
    reader = dialect.reader(chain(lines, [END]))
    try:
        for row in reader:
            if row[-1:] and row[-1].endswith(END):
                if row != [END]:
                    raise csv.Error
                return
            yield lines.row, row
            lines.begin_row()
    except (csv.Error, Endless):
        at = lines.row or lines.next
        reason = f"Line {at:,} opens a quote that is never closed, or a cell that never ends."
        raise Refused(reason, "quote") from None
