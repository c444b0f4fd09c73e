"""Tables in files, read row by row whatever their kind: text with separators, gzip, zip or a workbook."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from maestro.lib.errors import Refused
from maestro.lib.tabular import dialect as dialects
from maestro.lib.tabular import sheet, text
from maestro.lib.tabular.batch import Batch
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.limits import check_columns, check_rows
from maestro.lib.tabular.packed import pieces

BATCH = 20_000                  # rows


class Preview(NamedTuple):
    """The first rows as lists of text with their line numbers, and the rows among them that could not be read."""

    columns: list
    lines: list
    rows: list
    bad: list


@dataclass(frozen=True)
class Table:
    """An opened file: its columns, and its rows in batches."""

    path: Path
    dialect: Dialect
    workbook: bool
    columns: list

    def batches(self):
        """All rows below the header, at most 20,000 in a batch."""
        skip, seen = int(self.dialect.header), 0
        for frame, bad in self._raw():
            frame, skip = frame[skip:], max(0, skip - frame.height)
            seen += frame.height + len(bad)
            check_rows(seen)
            yield Batch(frame[:BATCH], bad)
            for start in range(BATCH, frame.height, BATCH):
                yield Batch(frame[start:start + BATCH], [])

    def _raw(self):
        if self.workbook:
            return sheet.batches(self.path, len(self.columns))
        return text.batches(self.path, self.dialect, len(self.columns))

    def estimate(self):
        """About how many rows there are, quickly: line ends are counted, also those within cells."""
        if self.workbook:
            return sheet.height(self.path)
        return sum(piece.count(b"\n") for piece in pieces(self.path))

    def preview(self, rows=20):
        frame, bad = next(self.batches(), (None, []))
        if frame is None:
            return Preview(self.columns, [], [], [])
        head = frame.head(rows).fill_null("")
        last = head["line"].max() or 0
        bad = [row for row in bad if row.line <= last]
        return Preview(self.columns, head["line"].to_list(), head.drop("line").rows(), bad)

    def samples(self, count=1000):
        """The first values of each column as a frame named by the columns: what guesses are made from."""
        frame, _ = next(self.batches(), (pl.DataFrame(), []))
        return frame.head(count).drop("line", strict=False).rename(dict(zip(frame.columns, self.columns, strict=False)))


def guess(path):
    """The dialect of any file; of a workbook only `header` matters."""
    if not sheet.is_workbook(path):
        return dialects.guess(path)
    return Dialect(header=dialects.has_header([sheet.first_row(path)]))


def open_table(path, dialect):
    """The file at `path` read as `dialect` says. Refused when it holds nothing or has too many columns."""
    workbook = sheet.is_workbook(path)
    first = sheet.first_row(path) if workbook else text.first_row(path, dialect)
    if not first:
        raise Refused("This file is empty.", "file")
    check_columns(len(first))
    return Table(path, dialect, workbook, column_names(first if dialect.header else [""] * len(first)))


def column_names(cells):
    """The header's words; nameless columns get a number, repeated names too."""
    found = []
    for number, cell in enumerate(cells, 1):
        name = wanted = " ".join(cell.split())[:120] or f"Column {number}"
        while name in found:
            name = f"{wanted} ({number})"
            number += 1
        found.append(name)
    return found
