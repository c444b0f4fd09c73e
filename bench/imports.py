"""How long imports take, and how much memory, against a bare load of the same rows into the same database.

    .venv/bin/python -m bench imports [rows ...]

Two sources: a CSV by `flask import`, and a SELECT on a PostgreSQL server by `flask importer-launch`. Floors: the same
rows as a file into a temporary table without an index (for what changes nothing or little), and into an indexed table
of the dataset's shape (for a first load): the better of one right before and one right after the run it is compared
with, for other machines on the same host come and go. What counts is the time from the start of the run to its end.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy import select
from sqlalchemy.schema import CreateSchema

from app import create_app
from bench.table import Row
from maestro import migrations
from maestro.accounts import groups
from maestro.config import Config
from maestro.exchange import writing
from maestro.extensions import db
from maestro.models import ImportRun
from maestro.warehouse import datasets, fields, tables
from tests.parts import postgres

ROOT = Path(__file__).parent.parent
FIELDS = {"first_name": "text", "last_name": "text", "city": "text", "country": "text", "points": "number",
          "since": "date"}
HEADER = ["address", *FIELDS]
WHOLE = ["id", "address", "address_key", "state", "how", "joined_at", "changed_at", "run_id", "epoch", *FIELDS]
NOW = "2026-11-22 09:00:00.000000"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on",
           "shared_buffers": "256MB"}
MEMORY = 300                                       # MB that an import may take
GROWTH = 1.5                                       # times as long for a row among the most rows as among the fewest
CASES = (("first load", "first", 3.5), ("nothing changed", "first", 3.5), ("1 % changed", "few", 5))
READER = "Bench reads 7"


def people(count, changed):
    """Rows of invented people; one in `changed` (0: none) lives elsewhere."""
    draw = random.Random(1)
    for number in range(count):
        city = draw.choice(("Bristol", "York", "Köln", "São Paulo", "Bath"))
        if changed and number % changed == 0:
            city = "Leeds"
        since = f"20{number % 20 + 10}-0{number % 9 + 1}-1{number % 10}"
        yield [f"person{number}@example{number % 50}.org", draw.choice(("Ann", "Ben", "Zoë")), f"Baker{number % 97}",
               city, "GB", number % 1000, since]


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def whole(row, number):
    """The same row with every column that the dataset's table fills."""
    return [number + 1, row[0], row[0], 1, "importer", NOW, NOW, 1, 0, *row[1:]]


def copy(raw, table, columns, path):
    with raw.cursor() as cursor, open(path, "rb") as file:
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, HEADER)") as sink:
            while piece := file.read(1 << 20):
                sink.write(piece)


def insert(raw, table, columns, path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        raw.execute("BEGIN")
        raw.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)


LOAD = {"postgresql": copy, "sqlite": insert}


def floor(files, case):
    """Seconds of a bare load: into a temporary table, or for a first load into one like the dataset's with indexes."""
    with db.engine.connect() as connection:
        like = tables.described(0, tables.schema(), tuple(FIELDS.items()))
        if case == "first load":
            if like.schema:                        # the first dataset would make it
                connection.execute(CreateSchema(like.schema, if_not_exists=True))
            like.create(connection)
            table, columns, path = like.fullname, WHOLE, files["whole"]
        else:
            connection.exec_driver_sql("CREATE TEMP TABLE bare (address text, first_name text, last_name text, "
                                       "city text, country text, points double precision, since date)")
            table, columns, path = "bare", HEADER, files["first"]
        connection.commit()
        raw, start = connection.connection.dbapi_connection, time.perf_counter()
        LOAD[db.engine.dialect.name](raw, table, columns, path)
        raw.commit()
        taken = time.perf_counter() - start
        connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.commit()
        return taken


def flask(settings, *command, stdin=""):
    """What a shipped command answers, and its peak memory in MB."""
    line = [sys.executable, "-m", "flask", "--app", "app", *map(str, command), "--json"]
    process = subprocess.Popen(line, cwd=ROOT, env=os.environ | settings, text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(stdin)
    process.stdin.close()
    peak = 0
    while process.poll() is None:
        peak = max(peak, most_memory(process.pid))
        time.sleep(0.02)
    told = json.loads(process.stdout.read())
    assert process.returncode == 0, told
    return told, peak / 1024


def most_memory(pid):
    """The peak of a process until now, in kB; 0 when it is ending.

    What wait4 tells (ru_maxrss) begins with the memory of the process that started it, which is this bench's.
    """
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def from_file(settings, files, dataset):
    """How to import a CSV: {file: (what goes before, the import)}."""
    mode = "--mode", "add-update"
    return {name: (no_more, partial(flask, settings, "import", files[name], "--dataset", dataset.id, *mode))
            for name in files}


def no_more():
    """A file lies there already."""


def from_server(settings, files, dataset, cluster):
    """How to import the same rows by one importer, whose SELECT finds now these and now those in another database."""
    url = cluster.create()
    with psycopg.connect(url, autocommit=True) as there:
        there.execute(f"DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD '{READER}'; EXCEPTION WHEN duplicate_object "
                      "THEN END $$")
        there.execute("CREATE TABLE people (address text, first_name text, last_name text, city text, country text, "
                      "points double precision, since date)")
        there.execute("GRANT SELECT ON people TO reader")
    found, _ = flask(settings, "connection-create", f"Server {dataset.id}", "--group", "Bench", "--kind", "postgresql",
                     "--host", "127.0.0.1", "--port", cluster.port, "--database", url.partition("@/")[2].partition(
                         "?")[0], "--user", "reader", "--tls", "none", stdin=READER + "\n")
    launch = partial(flask, settings, "importer-launch", enabled(settings, dataset, found["id"]))
    return {name: (partial(fill, url, files[name]), launch) for name in ("first", "few")}


def enabled(settings, dataset, connection):
    """The number of a new importer."""
    made, _ = flask(settings, "importer-create", "People", "--dataset", dataset.id, "--connection", connection,
                    "--query", "SELECT * FROM people", "--mode", "add-update")
    flask(settings, "importer-enable", made["id"])
    return made["id"]


def fill(url, path):
    """Let the other database hold the rows of a file."""
    with psycopg.connect(url, autocommit=True) as there:
        there.execute("TRUNCATE people")
        copy(there, "people", HEADER, path)
        there.execute("VACUUM ANALYZE people")


class Measured(NamedTuple):
    """One run: seconds in all and for the floor, and megabytes."""

    database: str
    source: str
    case: str
    most: float
    count: int
    seconds: float
    floor: float
    memory: float

    def rows(self):
        where = f"{self.count:,} rows from {self.source} into {self.database}, {self.case}"
        yield Row("imports", f"{where} ({self.pace:.1f} µs a row)", f"{self.seconds / self.floor:.2f} x the bare load",
                  f"<= {self.most} x", self.seconds <= self.most * self.floor)
        yield Row("imports", f"{where}: memory", f"{self.memory:.0f} MB", f"<= {MEMORY} MB", self.memory <= MEMORY)

    @property
    def pace(self):
        return self.seconds / self.count * 1e6


def seconds_of(number):
    begun, ended = db.session.execute(
        select(ImportRun.started_at, ImportRun.ended_at).where(ImportRun.id == number)).one()
    db.session.commit()
    return (ended - begun).total_seconds()


def new_dataset(group, name):
    dataset = datasets.create(group, name, by="bench")
    for field, kind in FIELDS.items():
        fields.create(dataset, field, kind, by="bench", name=field)
    db.session.commit()
    return dataset


def one_database(name, url, folder, count, cluster):
    """The runs for `count` people on one database."""
    files = {"first": write(folder / "first.csv", HEADER, people(count, 0)),
             "few": write(folder / "few.csv", HEADER, people(count, 100)),
             "whole": write(folder / "whole.csv", WHOLE, map(whole, people(count, 0), range(count)))}
    settings = {"MAESTRO_DATA": str(folder), "MAESTRO_DATABASE_URL": url, "MAESTRO_SECRET_KEY": "0" * 64,
                "MAESTRO_REDIS_URL": "unix:///nowhere", "MAESTRO_EGRESS_ALLOW": "db=127.0.0.0/8"}
    with create_app(Config.from_env(settings)).app_context():
        migrations.upgrade()
        group = groups.create("Bench", by="bench")
        for source, ways in (("a CSV", from_file), ("PostgreSQL", partial(from_server, cluster=cluster))):
            way = ways(settings, files, new_dataset(group, source))
            for case, file, most in CASES:
                prepare, bring = way[file]
                prepare()
                before = floor(files, case)
                told, memory = bring()
                writing.number_all()               # as the publisher does all the time
                assert told["added"] + told["changed"] + told["unchanged"] == count, told
                bare = min(before, floor(files, case))
                yield Measured(name, source, case, most, count, seconds_of(told["run"]), bare, memory)
        db.session.remove()
        db.engine.dispose()


def growth(runs):
    """Whether a row takes longer among many."""
    def kind(run):
        return run.database, run.source, run.case
    for (database, source, case), found in groupby(sorted(runs, key=kind), kind):
        few, *_, many = sorted(found, key=lambda run: run.count)
        times = many.pace / few.pace
        yield Row("imports", f"from {source} into {database}, {case}: time of a row, {many.count:,} against "
                  f"{few.count:,} rows", f"{times:.2f} x", f"<= {GROWTH} x", times <= GROWTH)


def measure(*counts):
    postgres.SETTINGS |= DURABLE
    cluster, runs, counts = postgres.Cluster(), [], counts or (100_000, 1_000_000)
    cluster.start()
    try:
        for count in counts:
            for name in ("PostgreSQL", "SQLite"):
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    url = cluster.create() if name == "PostgreSQL" else ""
                    for run in one_database(name, url, Path(folder), count, cluster):
                        print(f"   {run.count:,} {run.database} {run.source} {run.case}: {run.pace:.1f} µs", flush=True)
                        runs.append(run)
    finally:
        cluster.stop()
    return [row for run in runs for row in run.rows()] + (list(growth(runs)) if len(counts) > 1 else [])
