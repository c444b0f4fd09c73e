# ruff: noqa: S608 - only whole numbers and checked names become a part of a statement
"""Where the two databases differ in the statements of the ledger: clock, rows as a parameter, table names."""

import json

ROWS_OF_PARTITION = 1000                           # jobs whose recipients lie in one partition


class PostgreSQL:
    """Rows travel as one array a column: cheaper than anything that is parsed."""

    now = "extract(epoch FROM clock_timestamp())::float8"
    moment = "now()"
    objects = "json_object_agg"
    lock = "FOR UPDATE"
    skip = "FOR UPDATE SKIP LOCKED"

    @staticmethod
    def recipients(job):
        return f"recipient_{job // ROWS_OF_PARTITION}"

    @staticmethod
    def people(dataset):
        return f"warehouse.dataset_{dataset}"

    @staticmethod
    def same(job):
        """What a row's job is compared with."""
        return str(job)

    @staticmethod
    def rows(job, first, **columns):
        """A source called x of the rows in the parameters from `first` on."""
        arrays = ", ".join(f"${first + place}::{type}[]" for place, type in enumerate(columns.values()))
        return f"unnest({arrays}) AS x({', '.join(columns)})"

    @staticmethod
    def encode(rows, width):
        """The rows (tuples of `width`) as the parameters that `rows` names."""
        columns = zip(*rows, strict=True) if rows else [()] * width
        return [array(column) for column in columns]


class SQLite:
    """Rows travel as one JSON text."""

    now = "(julianday('now') - 2440587.5) * 86400.0"
    moment = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
    objects = "json_group_object"
    lock = skip = ""

    @staticmethod
    def recipients(job):
        return "recipient"

    @staticmethod
    def people(dataset):
        return f"dataset_{dataset}"

    @staticmethod
    def same(job):
        return "x.job"

    @staticmethod
    def rows(job, first, **columns):
        """The limit keeps the planner from looking into x: it must begin there, and look everything else up by it."""
        named = ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(columns))
        return f"(SELECT {job} AS job, {named} FROM json_each(?{first}) LIMIT -1) AS x"

    @staticmethod
    def encode(rows, width):
        return [json.dumps(rows)]


def array(values):
    """Numbers, texts and None as a PostgreSQL array literal."""
    return f"{{{','.join([str(value) if type(value) in (int, float) else item(value) for value in values])}}}"


def item(value):
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\0", " ")
    return f'"{escaped}"'
