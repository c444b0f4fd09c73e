"""How long a night takes that synchronises a company's customers both ways, on a whole installation, and what it finds.

    .venv/bin/python -m bench synchronising [customers ...]

The night is what cron starts, by the trigger URL; a program that knows nothing of Maestro says whether both sides are
the same afterwards and whether the change log is the difference.
"""

import tempfile
import time
from contextlib import ExitStack

from bench.imports import DURABLE
from bench.table import Row
from tests.parts import postgres, visitors
from tests.parts.mariadb import MariaDB
from tests.parts.sink import Sink
from tests.parts.two_sides import TwoSides
from tests.parts.visitors import Visitors

SIDES = (("PostgreSQL", "PostgreSQL"), ("SQLite", "MariaDB"))


def seconds(deed):
    """(what it answers, seconds it took)"""
    start = time.perf_counter()
    answer = deed()
    return answer, time.perf_counter() - start


def explained(told):
    return f"both sides the same, {sum(told['log'].values()):,} lines of the log explained"


def tour(both, count):
    """(what, seconds, what to add) of each part of the tour."""
    both.company.fill(1, count)
    found, taken = seconds(both.night)
    assert found["added"] == count, found
    yield "the first night", taken, f"{found['added']:,} added"
    told, taken = seconds(both.check)
    yield "the checker after it", taken, explained(told)
    both.write_back()
    both.company.live(count)
    Visitors(both).live()
    found, taken = seconds(both.night)
    yield ("a night after 1 % changed, 0.1 % gone, 0.1 % moved", taken,
           f"{found['changed']:,} changed, {found['removed']:,} removed, {found['added']:,} added")
    told, taken = seconds(both.check)
    assert both.conflicts() == visitors.CONFLICTS
    yield "the checker after it", taken, explained(told)
    found, taken = seconds(both.night)
    assert found["unchanged"] == told["customers"], found
    yield "a night in which nothing has changed", taken, ""


def measure(*counts):
    postgres.SETTINGS |= DURABLE
    with ExitStack() as stack:
        cluster, mariadb = postgres.Cluster(), MariaDB()
        for server in (cluster, mariadb):
            server.start()
            stack.callback(server.stop)
        servers = {"PostgreSQL": ("postgresql", cluster), "MariaDB": ("mysql", mariadb)}
        for count in counts or (100_000,):
            for warehouse, side in SIDES:
                url = cluster.create() if warehouse == "PostgreSQL" else ""
                where = f"{count:,} customers on {side}, the warehouse on {warehouse}"
                with (tempfile.TemporaryDirectory(prefix="bench-") as folder, Sink() as sink,
                      TwoSides(folder, url, *servers[side], sink) as both):
                    for what, taken, more in tour(both, count):
                        yield Row("synchronising", f"{where}: {what}{more and f' ({more})'}", f"{taken:.1f} s")
