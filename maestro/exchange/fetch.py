"""Fetching: the source's rows, judged column by column, into the staging tables."""

from functools import partial

import polars as pl
from sqlalchemy import Text, cast, delete, false, func, insert, literal, select

from maestro.exchange import batches, remembering
from maestro.exchange.opening import opened
from maestro.exchange.prefetch import ahead
from maestro.exchange.styles import Style
from maestro.lib import crash
from maestro.lib.errors import Refused

UNUSABLE = 20                    # percent of the rows that may be left out, where the import does not say
NAMED = 10_000                   # possible duplicates that are looked up by line; of more, all rows are compared
REJECT = ("_line", "_field", "_value", "_why", "_key", "_id", "_late")
PART = 250_000                   # hashes that are looked through at a time


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
        duplicates = sum(drop_duplicates(connection, staging, [found[place] for found in seen], name)
                         for place, name in enumerate(filter(None, ("address", staging.key_field))))
    crash.point("fetched")
    return done, {"duplicates": duplicates, "staged": staged - duplicates, "same": same}


def check_columns(run, columns):
    """A source may have lost a column since the rules were made: then nothing is read."""
    for name, column in run.mapping.items():
        if column not in columns and "constant" not in run.options.get("change", {}).get(name, {}):
            raise Refused(f"The source has no column “{column}” any more. Nothing was changed.", name)


def read(run, staging, hold, table):
    """Stage all rows; how many were there, are staged, are as last time, and the hashes that find duplicates."""
    with ahead(table.batches()) as raw, hold.breaker.on_trouble():
        known = remembering.load(run)              # while the first rows come
        make = partial(batches.made, run, staging, table.columns, Style.of(run.options), known)
        with ahead(map(make, raw)) as ready, hold.breaker.on_trouble():
            return stage(staging, hold, ready)


def stage(staging, hold, ready):
    """Write batches as they are ready; answers as `read`."""
    done, staged, same, seen = 0, 0, 0, []
    for batch in ready:
        with staging.work() as connection:
            write(connection, staging.same, batch.same)
            write(connection, staging.stage, batch.good)
            write_rejects(connection, staging, batch.rejects)
        done, staged, same = done + batch.rows, staged + batch.good.rows, same + batch.same.rows
        hold.write(done=done)
        seen.append(batch.seen)
        crash.point("fetch_slice")
    return done, staged, same, seen


def write(connection, table, laid):
    """Put rows into a table."""
    if not laid.rows:
        return
    names = ", ".join(f'"{name}"' for name in laid.columns)
    if table.schema != "work":
        with connection.connection.cursor() as cursor:
            with cursor.copy(f'COPY "{table.schema}"."{table.name}" ({names}) FROM STDIN (FORMAT csv)') as sink:
                sink.write(laid.data)
    else:
        marks = ", ".join("?" * len(laid.columns))
        rows = laid.data.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d")).rows()
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
