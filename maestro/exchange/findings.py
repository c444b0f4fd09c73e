"""What a run has found, list by list: for the check page, for downloads, and for the command line."""

import json
from contextlib import closing

from sqlalchemy import select

from maestro.exchange import sources
from maestro.exchange.check import exists
from maestro.exchange.staging import KINDS, Staging
from maestro.extensions import reading
from maestro.lib.errors import NotFound
from maestro.lib.tabular.write import csv_bytes
from maestro.warehouse import fields

LISTS = ("added", "changed", "removed", "protected", "rejected")
HEADERS = {"changed": ["address", "field", "old", "new"], "removed": ["address"],
           "protected": ["row", "address", "reason"], "rejected": ["row", "column", "value", "reason"]}
GATHER = 1000                    # rows fetched at once


def header(run, kind):
    """The columns of a list."""
    if kind == "added":
        return ["address", *(field.name for field in Staging(run).fields)]
    return HEADERS[kind]


def lines(run, kind, limit=None):
    """The rows of a list as tuples of text in the order of `header`, all of them or the first `limit`."""
    if not run.storage:
        raise NotFound("The lists of an import are kept for a week; these are gone.")
    staging = Staging(run)
    with staging.opened() as connection, reading(), connection.begin():
        if exists(connection, staging.plan if kind != "rejected" else staging.rejects):
            chosen = chosen_rows(staging, kind).limit(limit).execution_options(yield_per=GATHER)
            with closing(connection.execute(chosen)) as result:
                for row in result.mappings():
                    yield from TOLD[kind](run, staging, row)


def chosen_rows(staging, kind):
    if kind == "rejected":
        told = staging.rejects.c
        return select(told._line, told._field, told._value, told._why).order_by(told._line)
    plan = staging.plan.c
    return select(staging.plan).where(plan._kind == KINDS.index(kind), ~plan._stale).order_by(plan._n)


def told_added(run, staging, row):
    yield (row["address"], *(fields.show(field, row[field.name]) for field in staging.fields))


def told_changed(run, staging, row):
    """A line for each field."""
    known = {field.name: field for field in staging.fields}
    if row["_new"]:
        yield row["address"], "address", row["address"], row["_new"]
    for told in (row["_shared"], row["_own"]):
        for name, (old, new) in json.loads(told or "{}").items():
            yield row["address"], name, fields.show(known[name], old), fields.show(known[name], new)


def told_removed(run, staging, row):
    yield (row["address"],)


def told_protected(run, staging, row):
    yield str(row["_line"]), row["address"], row["_why"]


def told_rejected(run, staging, row):
    yield str(row["_line"]), run.mapping.get(row["_field"], ""), row["_value"] or "", row["_why"]


TOLD = {"added": told_added, "changed": told_changed, "removed": told_removed, "protected": told_protected,
        "rejected": told_rejected}


def save_rejects(run):
    """Write the rejected rows as CSV beside the stored source; returns the path, or None when there are none."""
    if not run.counts.get("rejected"):
        return None
    path = sources.path(run.storage, "-rejected.csv")
    with open(path, "wb") as file:
        file.writelines(csv_bytes(header(run, "rejected"), lines(run, "rejected")))
    return path
