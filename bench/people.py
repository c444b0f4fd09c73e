"""How quick the people table is with many people in it: any column sorted, any text searched, any page.

    .venv/bin/python bench/people.py [--people 1000000] [--database postgresql://...] [--rounds 20]

Without a database it uses SQLite in a temporary folder. Prints the 95th percentile of each question, in milliseconds.
"""

import argparse
import random
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import literal, select

from app import create_app
from maestro import migrations
from maestro.accounts import groups
from maestro.config import Config
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.models import Subscription
from maestro.warehouse import datasets, fields, indexes, lists, people, tables

TARGET = 300                                       # milliseconds
FIRST = ["Ann", "Ben", "Cara", "Dan", "Ella", "Finn", "Gwen", "Hugo", "Iris", "Jon", "Kate", "Liam", "Mia", "Noah",
         "Olive", "Paul", "Quinn", "Rosa", "Sam", "Tess"]
LAST = ["Archer", "Baker", "Carter", "Dyer", "Fisher", "Gardner", "Hunter", "Mason", "Potter", "Weaver"]
CITIES = ["Bristol", "York", "Leeds", "Bath"]
FIELDS = {"first_name": "text", "last_name": "text", "city": "choice", "points": "number", "member": "yesno"}
SEARCHES = ["weaver", "ann.archer.4711", ".77123", "example", "york", "quinn hunter", "zzzz", "q", "ro", "olive bath",
            "a.b"]


def person(number, count, joined_at):
    """An invented person, in no order, some fields empty."""
    draw = random.Random(number)
    first, last = draw.choice(FIRST), draw.choice(LAST)
    address = f"{first}.{last}.{number * 7919 % count}@example.org".lower()
    return {"address": address, "address_key": address, "state": "confirmed", "how": "importer", "joined_at": joined_at,
            "first_name": first, "last_name": last, "city": draw.choice([*CITIES, None]),
            "points": float(draw.randrange(5000)), "member": draw.random() < 0.5}


def fill(count):
    """A dataset of `count` people, all of them on one list."""
    dataset = datasets.create(groups.create("Bench", by="bench"), "People", by="bench")
    for name, kind in FIELDS.items():
        fields.create(dataset, name, kind, by="bench", choices=CITIES)
    chosen, table = lists.create(dataset, "Everybody", by="bench"), tables.table(dataset)
    invented = (person(number, count, clock.now()) for number in range(count))
    while batch := list(islice(invented, 20_000)):
        db.session.execute(table.insert(), batch)
    db.session.execute(Subscription.__table__.insert().from_select(
        ["created_at", "list_id", "member_id", "state", "how", "joined_at"],
        select(table.c.joined_at, literal(chosen.id), table.c.id, table.c.state, table.c.how, table.c.joined_at)))
    db.session.commit()
    return dataset, chosen


def questions(dataset, chosen, count):
    """What is asked: (name, keywords for people.page)."""
    for column in ("address", "joined_at", *FIELDS):
        for down in (False, True):
            for place, number in (("first page", 1), ("some page", None), (f"page {count // 50:,}", count // 50)):
                yield f"by {column}{' down' if down else ''}, {place}", {"sort": column, "down": down, "number": number}
    for search in SEARCHES:
        yield f"search {search!r}", {"search": search, "number": 1}
        yield f"search {search!r} by points", {"search": search, "sort": "points", "down": True, "number": None}
    for place, number in (("first page", 1), ("some page", None)):
        yield f"on a list, {place}", {"list": chosen, "number": number}
    yield "on a list, search 'weaver'", {"list": chosen, "search": "weaver", "number": 1}


def ask(dataset, asked, count):
    """Seconds that one answer takes, from an empty session."""
    asked = asked | {"number": asked["number"] or random.randint(1, count // 50)}
    start = time.perf_counter()
    with reading():
        people.page(dataset, **asked)
        db.session.rollback()
    return time.perf_counter() - start


def measure(count, rounds):
    start = time.perf_counter()
    dataset, chosen = fill(count)
    print(f"{count:,} people on {db.engine.dialect.name}, filled in {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    indexes.build(dataset.id, "address")
    print(f"indexes made in {time.perf_counter() - start:.0f} s", flush=True)
    worst = 0
    for name, asked in questions(dataset, chosen, count):
        times = sorted(ask(dataset, asked, count) for _ in range(rounds))
        p95 = 1000 * times[int(0.95 * (rounds - 1))]
        worst = max(worst, p95)
        print(f"{p95:8.1f} ms{'  over the target' if p95 > TARGET else ''}  {name}", flush=True)
    print(f"{worst:8.1f} ms  the slowest; target {TARGET} ms")


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--database", default="")
    options.add_argument("--rounds", type=int, default=20)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Config(SECRET_KEY="0" * 64, DATA=Path(folder), DATABASE_URL=options.database, REDIS_URL="redis://127.0.0.1:1")
        with create_app(config).app_context():
            migrations.upgrade()
            measure(options.people, options.rounds)


if __name__ == "__main__":
    main()
