"""The source of an import as a table, whatever it is: a stored file, or the answer of a database or directory."""

import shutil
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from maestro.exchange import connections, sources
from maestro.extensions import db, reading
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tabular.batch import tidy
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.limits import check_columns
from maestro.lib.tabular.read import BATCH, Preview, column_names, open_table
from maestro.models import Connection

KEPT = 100                       # rows of an answer that are kept as an example


@dataclass
class Answer:
    """Rows that come from a database, with the face of `tabular.read.Table`."""

    columns: list
    pages: object

    def batches(self):
        """All rows, numbered from 1, about 20,000 in a batch."""
        pages, height, line = [], 0, 1
        for page in self.pages:
            pages, height = [*pages, page], height + page.height
            if height >= BATCH:
                yield numbered(pages, line)
                pages, height, line = [], 0, line + height
        if pages:
            yield numbered(pages, line)

    def estimate(self):
        """Nobody knows before the end."""
        return 0


def numbered(pages, line):
    """A batch of frames whose rows count from `line`."""
    frame = pl.concat(pages, rechunk=True)
    return tidy(frame.with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64) + line))


class Sample:
    """The first rows of an answer, as they were when its query was tried."""

    def __init__(self, kept):
        self.columns, self.rows = kept["columns"], kept["rows"]

    def preview(self, rows=20):
        shown = self.rows[:rows]
        lines = list(range(1, len(shown) + 1))
        return Preview(self.columns, lines, [[cell or "" for cell in row] for row in shown], [])

    def samples(self, count=1000):
        return pl.DataFrame(self.rows[:count], schema=dict.fromkeys(self.columns, pl.String), orient="row")


def known(thing):
    """What is known of the source of a run or importer while its rules are made."""
    if "sample" in thing.format:
        return Sample(thing.format["sample"])
    if not thing.storage:
        raise Refused("Say first where the people come from.", "source")
    return open_table(sources.path(thing.storage), Dialect.of(thing.format))


def kept(look):
    """A look at a query as it is stored with a run or importer."""
    check_columns(len(look.columns))
    return {"sample": {"columns": column_names(look.columns), "types": look.types, "rows": look.rows[:KEPT],
                       "seconds": look.seconds, "more": look.more}}


def without_sample(format):
    return {name: value for name, value in format.items() if name != "sample"}


def blanked(format, keys):
    """A kept look without the rows that name one of these addresses."""
    if "sample" not in format:
        return format
    sample = format["sample"]
    rows = [row for row in sample["rows"] if not any(key in str(cell).lower() for cell in row for key in keys)]
    return {**format, "sample": {**sample, "rows": rows}}


def example(place, is_accepted, query, attributes=""):
    """The first rows of a query to be looked at and to be kept."""
    return connections.look(place, is_accepted, query, attributes, KEPT)


@contextmanager
def opened(run, breaker):
    """The whole source of a run, for as long as it is read; what a database works on can be broken off."""
    kind = run.source.get("kind")
    if kind in ("database", "ldap"):
        place, is_accepted = place_of(run.source["connection"])
        attributes = run.source.get("attributes", "")
        with connections.asked(place, is_accepted, run.source["query"], attributes, breaker) as answer:
            columns, _, pages = answer
            check_columns(len(columns))
            yield Answer(column_names(columns), pages)
        return
    copy(run, kind)
    yield open_table(sources.path(run.storage), Dialect.of(run.format))


def place_of(connection_id):
    with reading():
        connection = db.session.get(Connection, connection_id)
        found = connection and (connections.place(connection), connections.accepted(connection))
        db.session.commit()
    if not found:
        raise NotFound("The connection is gone.", "connection")
    return found


def copy(run, kind):
    """A run reads its own copy: the file on the server, or that of the importer, may change meanwhile."""
    if kind == "server":
        shutil.copyfile(sources.on_server(run.source["path"]), sources.path(run.storage))
    if kind == "upload":
        shutil.copyfile(sources.path(run.source["storage"]), sources.path(run.storage))
