"""How long `flask import` takes, and how much memory, against a bare load of the same rows into the same database.

    .venv/bin/python -m bench.imports [rows ...]

Floors: the file into a temporary table without an index (for what changes nothing or little), and into an indexed
table of the dataset's shape (for a first load). What counts is the time from the start of the run to its end.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from app import create_app
from bench.table import Row
from maestro import migrations
from maestro.accounts import groups
from maestro.config import Config
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


def floors(files):
    """Seconds of a bare load into a temporary table, and into a table like the dataset's with its indexes."""
    kind = db.engine.dialect.name
    like = tables.described(0, tables.schema(), tuple(FIELDS.items()))
    with db.engine.connect() as connection:
        like.create(connection)
        connection.exec_driver_sql("CREATE TEMP TABLE bare (address text, first_name text, last_name text, city text, "
                                   "country text, points double precision, since date)")
        connection.commit()
        raw, taken = connection.connection.dbapi_connection, []
        for table, columns, path in (("bare", HEADER, files["first"]), (like.fullname, WHOLE, files["whole"])):
            start = time.perf_counter()
            LOAD[kind](raw, table, columns, path)
            raw.commit()
            taken.append(time.perf_counter() - start)
        like.drop(connection)
        connection.commit()
    return taken


def run(settings, path, dataset_id):
    """Seconds that the shipped command worked on a file, its peak memory in MB, and what it says."""
    command = [sys.executable, "-m", "flask", "--app", "app", "import", str(path), "--dataset", str(dataset_id),
               "--mode", "add-update", "--json"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE)
    told = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, told
    times = select(ImportRun.started_at, ImportRun.ended_at).where(ImportRun.id == told["run"])
    begun, ended = db.session.execute(times).one()
    db.session.commit()
    return (ended - begun).total_seconds(), used.ru_maxrss / 1024, told


def one_database(name, url, folder, count):
    """The rows of the table for `count` people on one database."""
    files = {"first": write(folder / "first.csv", HEADER, people(count, 0)),
             "few": write(folder / "few.csv", HEADER, people(count, 100)),
             "whole": write(folder / "whole.csv", WHOLE, map(whole, people(count, 0), range(count)))}
    settings = {"MAESTRO_DATA": str(folder), "MAESTRO_DATABASE_URL": url, "MAESTRO_SECRET_KEY": "0" * 64,
                "MAESTRO_REDIS_URL": "unix:///nowhere"}
    with create_app(Config.from_env(settings)).app_context():
        migrations.upgrade()
        dataset = datasets.create(groups.create("Bench", by="bench"), "People", by="bench")
        for field, kind in FIELDS.items():
            fields.create(dataset, field, kind, by="bench", name=field)
        db.session.commit()
        bare, indexed = floors(files)
        for what, file, floor, most in (("first load", "first", indexed, 3.5), ("nothing changed", "first", bare, 3.5),
                                        ("1 % changed", "few", bare, 5)):
            seconds, memory, told = run(settings, files[file], dataset.id)
            assert told["added"] + told["changed"] + told["unchanged"] == count, told
            where = f"{name}, {count:,} rows, {what}"
            pace = f"{seconds / count * 1e6:.1f} µs a row"
            yield Row("imports", f"{where} ({pace})", f"{seconds / floor:.2f} x the bare load", f"<= {most} x",
                      seconds <= most * floor)
            yield Row("imports", f"{where}: memory", f"{memory:.0f} MB", f"<= {MEMORY} MB", memory <= MEMORY)
        db.session.remove()
        db.engine.dispose()


def measure(counts=(100_000, 1_000_000)):
    postgres.SETTINGS |= DURABLE
    cluster, rows = postgres.Cluster(), []
    cluster.start()
    try:
        for count in counts:
            for name in ("PostgreSQL", "SQLite"):
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    url = cluster.create() if name == "PostgreSQL" else ""
                    rows += one_database(name, url, Path(folder), count)
    finally:
        cluster.stop()
    return rows


if __name__ == "__main__":
    for row in measure([int(word) for word in sys.argv[1:]] or (100_000, 1_000_000)):
        print(row.what, row.value, row.target, "" if row.met else "NOT MET")
