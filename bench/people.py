"""How quick a dataset with many people is: the people table sorted, searched and paged, and target groups counted.

    .venv/bin/python -m bench people [people ...]
"""

import random
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from sqlalchemy import func, literal, select, update

from app import create_app
from bench.imports import DURABLE, LOAD, NOW, WHOLE, write
from bench.table import Row
from maestro import migrations
from maestro.accounts import groups
from maestro.config import Config
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.models import Subscription
from maestro.warehouse import datasets, fields, indexes, lists, people, tables, targets
from tests.parts import postgres

TARGET = 300                                       # milliseconds of a page of the table, at the 95th percentile
INDEXED = 50                                       # milliseconds of a count with indexes among a million
UNINDEXED = 2                                      # times as long as count(*) without
ROUNDS = 10
FIRST = ["Ann", "Ben", "Cara", "Dan", "Ella", "Finn", "Gwen", "Hugo", "Iris", "Jon", "Kate", "Liam", "Mia", "Noah",
         "Olive", "Paul", "Quinn", "Rosa", "Sam", "Tess"]
LAST = ["Archer", "Baker", "Carter", "Dyer", "Fisher", "Gardner", "Hunter", "Mason", "Potter", "Weaver"]
CITIES = ["Bristol", "York", "Leeds", "Bath"]
FIELDS = {"first_name": "text", "last_name": "text", "city": "choice", "points": "number", "member": "yesno"}
COLUMNS = [*WHOLE[:9], *FIELDS]
SEARCHES = ["weaver", "ann.archer.4711", ".77123", "example", "york", "quinn hunter", "zzzz", "q", "ro", "olive bath",
            "a.b"]
TARGETS = {                                        # what is counted: which share of the people
    "one city and one first name (1 %)": ("all", [("city", "=", "York"), ("first_name", "=", "Olive")]),
    "many points (2 %)": ("all", [("points", ">=", "4900")]),
    "points in a range and members (1 %)": ("all", [("points", ">=", "100"), ("points", "<", "200"),
                                                    ("member", "=", "T")]),
    "one of two cities (40 %)": ("any", [("city", "=", "York"), ("city", "=", "Bath")]),
    "a word inside a name (10 %)": ("all", [("last_name", "contains", "eave")]),
}


def invented(count):
    """Rows of invented people, in no order, some fields empty."""
    draw = random.Random(1)
    for number in range(count):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        address = f"{first}.{last}.{number * 7919 % count}@example.org".lower()
        yield [number + 1, address, address, 1, "importer", NOW, NOW, 1, 0, first, last,
               draw.choice([*CITIES, ""]), draw.randrange(5000), int(draw.random() < 0.5)]


def fill(count, folder):
    """A dataset of `count` people, all of them on one list."""
    dataset = datasets.create(groups.create("Bench", by="bench"), "People", by="bench")
    for name, kind in FIELDS.items():
        fields.create(dataset, name, kind, by="bench", choices=CITIES)
    chosen, table = lists.create(dataset, "Everybody", by="bench"), tables.table(dataset)
    db.session.commit()
    path = write(Path(folder) / "people.csv", COLUMNS, invented(count))
    with db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        LOAD[db.engine.dialect.name](raw, table.fullname, COLUMNS, path)
        raw.commit()
    path.unlink()
    db.session.execute(update(table).where(table.c.city == "").values(city=None))          # as SQLite was loaded
    db.session.execute(Subscription.__table__.insert().from_select(
        ["created_at", "list_id", "member_id", "state", "how", "joined_at"],
        select(table.c.joined_at, literal(chosen.id), table.c.id, table.c.state, table.c.how, table.c.joined_at)))
    db.session.commit()
    return dataset, chosen


def questions(chosen, count):
    """What is asked of the table: (which row of the bench, keywords for people.page)."""
    for column in ("address", "joined_at", *FIELDS):
        for number in (1, None, count // 50):
            for down in (False, True):
                yield f"by {column}", {"sort": column, "down": down, "number": number}
    for search in SEARCHES:
        yield f"search {search!r}", {"search": search, "number": 1}
        yield f"search {search!r}", {"search": search, "sort": "points", "down": True, "number": None}
    for number in (1, None):
        yield "on a list", {"list": chosen, "number": number}
    yield "on a list, search 'weaver'", {"list": chosen, "search": "weaver", "number": 1}


def seconds(ask):
    """Seconds that an answer takes, from an empty session."""
    start = time.perf_counter()
    with reading():
        ask()
        db.session.rollback()
    return time.perf_counter() - start


def page(dataset, asked, count):
    return lambda: people.page(dataset, **asked | {"number": asked["number"] or random.randint(1, count // 50)})


def table_rows(where, dataset, chosen, count):
    """A row for each column and each search: p95 of its slowest page, first or last, up or down, or at random."""
    found = defaultdict(float)
    for name, asked in questions(chosen, count):
        times = sorted(seconds(page(dataset, asked, count)) for _ in range(ROUNDS))
        found[name] = max(found[name], 1000 * times[int(0.95 * (ROUNDS - 1))])
    for name, taken in found.items():
        yield Row("people", f"{where}, {name}, p95", f"{taken:.0f} ms", f"<= {TARGET} ms", taken <= TARGET)


def count_rows(where, dataset, count, floor):
    """Target groups as the editor counts them; `floor` is the time of count(*), None once there are indexes."""
    most = INDEXED * max(1, count / 1_000_000)
    for name, (join, parts) in TARGETS.items():
        asked = [dict(zip(("field", "word", "given"), part, strict=True)) for part in parts]
        taken = counted(dataset, {"join": join, "parts": asked})
        what = f"{where}, target group: {name}"
        if floor:
            yield Row("people", f"{what}, without indexes", f"{taken / floor:.1f} x count(*)", f"<= {UNINDEXED} x",
                      taken <= UNINDEXED * floor)
        else:
            yield Row("people", f"{what}, with indexes", f"{1000 * taken:.0f} ms", f"<= {most:.0f} ms",
                      1000 * taken <= most)


def counted(dataset, condition):
    """Seconds of a count; how many there are in all is known already, as it is in the editor."""
    return statistics.median(
        seconds(lambda: targets.count(dataset, None, condition, clock.today("UTC"))) for _ in range(6))


def one_database(name, url, folder, count):
    config = Config(SECRET_KEY="0" * 64, DATA=Path(folder), DATABASE_URL=url, REDIS_URL="unix:///nowhere")
    with create_app(config).app_context():
        migrations.upgrade()
        dataset, chosen = fill(count, folder)
        where = f"{count:,} people on {name}"
        print(f"   {where} are there", flush=True)
        everybody = select(func.count()).select_from(tables.table(dataset))
        floor = statistics.median(seconds(lambda: db.session.scalar(everybody)) for _ in range(6))
        yield from count_rows(where, dataset, count, floor)
        start = time.perf_counter()
        indexes.build(dataset.id, "address")
        yield Row("people", f"{where}, all indexes made", f"{time.perf_counter() - start:.0f} s")
        yield from count_rows(where, dataset, count, None)
        yield from table_rows(where, dataset, chosen, count)
        db.session.remove()
        db.engine.dispose()


def measure(*counts):
    postgres.SETTINGS |= DURABLE
    cluster = postgres.Cluster()
    cluster.start()
    try:
        for count in counts or (1_000_000,):
            for name in ("PostgreSQL", "SQLite"):
                with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                    yield from one_database(name, cluster.create() if name == "PostgreSQL" else "", folder, count)
    finally:
        cluster.stop()
