"""A batch of a source, judged column by column and laid out as it is written."""

import io
from typing import NamedTuple

import polars as pl

from maestro.exchange import judging, memory, transform
from maestro.exchange.rejects import reject, reject_empty, unread

SEED = 20260101                  # of the hashes that find possible duplicates


class Laid(NamedTuple):
    """Rows of a table as they are written at once: a CSV for COPY where there is one, else a frame."""

    rows: int
    columns: list
    data: object


class Ready(NamedTuple):
    """A batch of so many rows: who is as last time, whom to stage, rejects as their rows, and what finds duplicates."""

    rows: int
    same: Laid
    good: Laid
    rejects: list
    seen: list


def made(run, staging, columns, style, known, batch):
    """A batch, ready to be written."""
    column = {name: f"c{columns.index(found)}" for name, found in run.mapping.items() if found in columns}
    hashes = memory.hashed(batch.frame.select(**{name: column[name] for name in sorted(column)}))
    members = known.find(hashes)
    passed = pl.DataFrame({"_hash": hashes, "_member": members}).drop_nulls()
    change, types = run.options.get("change", {}), {field.name: field.type for field in staging.fields}
    frame = batch.frame.filter(members.is_null()).select("line", **{
        name: transform.expression(pl.col(column[name]) if name in column else None, change.get(name, {}),
                                   types.get(name)) for name in ("address", *types)})
    good, rejects = judged_cells(staging, frame, hashes.filter(members.is_null()), style)
    seen = [shortened(good, name) for name in filter(None, ("address_key", staging.key_field))]
    return Ready(batch.frame.height + len(batch.bad), laid_out(staging, passed), laid_out(staging, good),
                 rejects + unread(batch), seen)


def judged_cells(staging, frame, hashes, style):
    """The rows that can be used, typed, and the rejects of the others."""
    lines, cells = frame["line"], frame.to_dict()
    address, keys = judging.judge_addresses(cells["address"])
    good = pl.DataFrame([lines.alias("_line"), hashes.alias("_hash"), address.values.alias("address"),
                         keys.alias("address_key")])
    rejects = reject_empty(lines, cells["address"]) + reject(lines, "address", cells["address"], address.reasons, keys)
    for field in staging.fields:
        found = judging.judge_field(field, cells[field.name], style)
        good = good.with_columns(found.values.alias(field.name))
        rejects += reject(lines, field.name, cells[field.name], found.reasons, keys)
    if not rejects:
        return good, []
    bad = pl.col("_line").is_in({row[0] for row in rejects})
    ids = dict(good.filter(bad).select("_line", staging.key_field or pl.lit(None)).iter_rows())
    return good.filter(~bad), [(*row, ids[row[0]]) for row in rejects]


def shortened(frame, column):
    """Eight bytes for each row: of millions some thousands look like duplicates by chance."""
    named = frame.filter(pl.col(column).is_not_null())
    return named.select(pl.col("_line").cast(pl.UInt32), hash=(pl.col(column).hash(SEED) % 2**32).cast(pl.UInt32))


def laid_out(staging, frame):
    if staging.schema == "work":
        return Laid(frame.height, frame.columns, frame)
    out = io.BytesIO()
    frame.write_csv(out, include_header=False)
    return Laid(frame.height, frame.columns, out.getbuffer())
