"""A batch of rows: a frame of strings, and the rows that could not be read."""

from typing import NamedTuple

import polars as pl

from maestro.lib.tabular.limits import FIELD


class Bad(NamedTuple):
    """A row that cannot be used, and why in words. `text` is its beginning."""

    line: int
    text: str
    reason: str


class Batch(NamedTuple):
    """`frame` has the columns `line` (where the row begins in the file, from 1) and c0, c1, ...

    Empty text is null: a value that is not there and an empty one are the same.
    """

    frame: pl.DataFrame
    bad: list


def names(width):
    return [f"c{number}" for number in range(width)]


def frame_of(rows, lines, width):
    """A batch's frame from lists of cells."""
    columns = list(zip(*rows, strict=True)) or [()] * width
    cells = [pl.Series(name, column, pl.String) for name, column in zip(names(width), columns, strict=True)]
    return pl.DataFrame([*cells, pl.Series("line", lines, pl.Int64)])


def tidy(frame, bad=(), quoted=True):
    """Make a batch: empty cells become null, empty rows go, rows with a cell that is too long are bad.

    Without quotes (`quoted`) empty cells are null already.
    """
    cells = pl.exclude("line")
    if quoted:
        frame = frame.with_columns(pl.when(cells != "").then(cells).name.keep())
    frame = frame.filter(pl.any_horizontal(cells.is_not_null()))
    longest = frame.select(pl.max_horizontal(cells.str.len_bytes().max())).item()
    bad = [*bad]
    if (longest or 0) > FIELD:
        long = pl.any_horizontal(cells.str.len_chars() > FIELD)
        bad += [with_long_cell(row) for row in frame.filter(long).iter_rows(named=True)]
        frame = frame.filter(~long.fill_null(False))
    return Batch(frame, bad)


def with_long_cell(row):
    line = row.pop("line")
    text = next(cell for cell in row.values() if cell and len(cell) > FIELD)
    return Bad(line, text[:60], too_long(len(text)))


def too_long(characters):
    return f"A cell has {characters:,} characters; the limit is {FIELD:,}."
