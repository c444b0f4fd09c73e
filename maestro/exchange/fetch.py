"""Fetching: the source's rows, judged column by column, into the staging tables."""

import io
from contextlib import closing
from functools import partial

import polars as pl
from sqlalchemy import Text, cast, delete, false, func, insert, literal, select

from maestro.exchange import judging, memory, remembering, transform
from maestro.exchange.opening import opened
from maestro.exchange.prefetch import ahead
from maestro.exchange.styles import Style
from maestro.lib import crash
from maestro.lib.errors import Refused

UNUSABLE = 20                    # percent of the rows that may be left out, where the import does not say
NAMED = 10_000                   # possible duplicates that are looked up by line; of more, all rows are compared
REJECT = ("_line", "_field", "_value", "_why", "_key", "_id", "_late")
SEED = 20260101                  # of the hashes that find possible duplicates
PART = 250_000                   # of these that are looked through at a time


def fetch(run, staging, hold):
    """Read the whole source into `staging`. Returns how many rows it had, and the counts known by now."""
    staging.create()
    with opened(run, hold.breaker) as table:
        hold.write(total=table.estimate())
        check_columns(run, table.columns)
        done, staged, same, seen = read(run, staging, hold, table)
    with staging.work() as connection:
        check_errors(connection, staging, done, run.options.get("unusable", UNUSABLE))
        if same:
            remembering.refuse_twofold(run, staging, connection)
        duplicates = drop_duplicates(connection, staging, seen[0], "address")
        if staging.key_field:
            duplicates += drop_duplicates(connection, staging, seen[1], staging.key_field)
    crash.point("fetched")
    return done, {"duplicates": duplicates, "staged": staged - duplicates, "same": same}


def check_columns(run, columns):
    """A source may have lost a column since the rules were made: then nothing is read."""
    for name, column in run.mapping.items():
        if column not in columns and "constant" not in run.options.get("change", {}).get(name, {}):
            raise Refused(f"The source has no column “{column}” any more. Nothing was changed.", name)


def read(run, staging, hold, table):
    """Stage all rows; how many were there, are staged, are as last time, and the hashes of their addresses and keys."""
    judge = partial(judged, run, staging, table.columns, Style.of(run.options), remembering.load(run))
    name, done, staged, same, seen = staging.key_field, 0, 0, 0, ([], [])
    with (closing(ahead(table.batches())) as raw, closing(ahead(map(judge, raw))) as batches,
          hold.breaker.on_trouble()):
        for batch, passed, good, laid, rejects in batches:
            with staging.work() as connection:
                write(connection, staging.same, passed.columns, laid_out(staging, passed))
                write(connection, staging.stage, good.columns, laid)
                write_rejects(connection, staging, rejects + unread(batch))
            done, staged = done + batch.frame.height + len(batch.bad), staged + good.height
            same += passed.height
            hold.write(done=done)
            seen[0].append(shortened(good, "address_key"))
            if name:
                seen[1].append(shortened(good.filter(pl.col(name).is_not_null()), name))
            crash.point("fetch_slice")
    return done, staged, same, seen


def shortened(frame, column):
    """Eight bytes for each row: of millions some thousands look like duplicates by chance."""
    return frame.select(pl.col("_line").cast(pl.UInt32), hash=(pl.col(column).hash(SEED) % 2**32).cast(pl.UInt32))


def judged(run, staging, columns, style, known, batch):
    """The batch, frames of who is as last time and of whom to stage, that one laid out, and rejects as their rows."""
    column = {name: f"c{columns.index(found)}" for name, found in run.mapping.items() if found in columns}
    hashes = memory.hashed(batch.frame.select(**{name: column[name] for name in sorted(column)}))
    members = known.find(hashes)
    passed = pl.DataFrame({"_hash": hashes, "_member": members}).drop_nulls()
    change, types = run.options.get("change", {}), {field.name: field.type for field in staging.fields}
    frame = batch.frame.filter(members.is_null()).select("line", **{
        name: transform.expression(pl.col(column[name]) if name in column else None, change.get(name, {}),
                                   types.get(name)) for name in ("address", *types)})
    lines, cells = frame["line"], frame.to_dict()
    address, keys = judging.judge_addresses(cells["address"])
    good = pl.DataFrame([lines.alias("_line"), hashes.filter(members.is_null()).alias("_hash"),
                         address.values.alias("address"), keys.alias("address_key")])
    rejects = reject_empty(lines, cells["address"]) + reject(lines, "address", cells["address"], address.reasons, keys)
    for field in staging.fields:
        found = judging.judge_field(field, cells[field.name], style)
        good = good.with_columns(found.values.alias(field.name))
        rejects += reject(lines, field.name, cells[field.name], found.reasons, keys)
    if not rejects:
        return batch, passed, good, laid_out(staging, good), []
    bad = pl.col("_line").is_in({row[0] for row in rejects})
    ids = dict(good.filter(bad).select("_line", staging.key_field or pl.lit(None)).iter_rows())
    good = good.filter(~bad)
    return batch, passed, good, laid_out(staging, good), [(*row, ids[row[0]]) for row in rejects]


def reject(lines, name, texts, reasons, keys):
    """A reject for each cell whose text is in `reasons`: line, field, text, why, key of the row's address."""
    if not reasons:
        return []
    rows = pl.DataFrame([lines, texts, keys], schema=["line", "text", "key"]).filter(texts.is_in(list(reasons)))
    return [(line, name, shown(text), reasons[text], key) for line, text, key in rows.iter_rows()]


def shown(text):
    """The beginning of a text that cannot be used, as PostgreSQL keeps texts: without a NUL."""
    return text[:200].replace("\0", "␀")


def reject_empty(lines, texts):
    empty = lines.filter(texts.is_null())
    return [(line, "address", "", "The row has no address.", None) for line in empty]


def unread(batch):
    return [(row.line, "", shown(row.text), row.reason, None, None) for row in batch.bad]


def laid_out(staging, frame):
    """A frame as `write` takes it: a CSV for COPY where there is one."""
    if staging.schema == "work":
        return frame
    out = io.BytesIO()
    frame.write_csv(out, include_header=False)
    return out.getbuffer()


def write(connection, table, columns, laid):
    """Put what was laid out into a table of these columns."""
    names = ", ".join(f'"{name}"' for name in columns)
    if table.schema != "work":
        with connection.connection.cursor() as cursor:
            with cursor.copy(f'COPY "{table.schema}"."{table.name}" ({names}) FROM STDIN (FORMAT csv)') as sink:
                sink.write(laid)
    elif not laid.is_empty():
        marks = ", ".join("?" * len(columns))
        rows = laid.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d")).rows()
        connection.exec_driver_sql(f"INSERT INTO work.{table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def write_rejects(connection, staging, rejects):
    if rejects:
        rows = [dict(zip(REJECT, (*row, False), strict=True)) for row in rejects]
        connection.execute(insert(staging.rejects), rows)


def drop_duplicates(connection, staging, seen, name):
    """Of rows with one address (or one key) only the last stays. Returns how many become rejects that name it.

    Equal hashes only say that it is worth looking: what decides is the key itself.
    """
    lines = doubled(seen)
    if not lines:
        return 0
    stage = staging.stage.c
    same, word = (stage.address_key, "address") if name == "address" else (stage[name], "key")
    last = func.max(stage._line).over(partition_by=same).label("last")
    value = cast(stage[name], Text).label("value")
    twins = select(stage._line, value, stage.address_key, staging.identity(stage).label("id"), last).where(
        same.is_not(None))
    if len(lines) <= NAMED:
        twins = twins.where(stage._line.in_(lines))
    twins = twins.subquery().c
    why = literal("Row ") + cast(twins.last, Text) + literal(f" has the same {word}; the last one counts.")
    losers = select(twins._line, literal(name), twins.value, why, twins.address_key, twins.id, false())
    losers = losers.where(twins._line < twins.last)
    connection.execute(insert(staging.rejects).from_select(REJECT, losers))
    return connection.execute(delete(staging.stage).where(
        stage._line.in_(select(twins._line).where(twins._line < twins.last)))).rowcount


def doubled(seen):
    """The lines whose hash occurs more than once; a part of all hashes at a time, so that millions need little room."""
    found, parts = [], sum(frame.height for frame in seen) // PART + 1
    for part in range(parts if seen else 0):
        rows = pl.concat(frame.filter(frame["hash"] % parts == part) for frame in seen)
        found += rows.filter(rows["hash"].is_duplicated())["_line"].to_list()
    return found


def check_errors(connection, staging, done, most):
    """Refuse a source of which more than `most` percent cannot be used. Duplicates are no errors."""
    rejects = staging.rejects.c
    bad = connection.scalar(select(func.count(rejects._line.distinct())))
    if bad * 100 > most * done:
        raise Refused(
            f"{bad:,} of {done:,} rows cannot be used, more than {most}%. Nothing was changed. Is the file read "
            "as it should be, and is each field filled from the right column?", "file")
