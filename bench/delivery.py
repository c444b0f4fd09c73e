"""How quickly a job goes out: the shipped sender beside Postfix's own source, into the same kind of sink.

    .venv/bin/python -m bench.delivery

Both send one message a recipient. Ours differ all from one another, are booked in a durable ledger, and are sent by
one process; `smtp-source` sends the same octets again and again and books nothing. In between they take turns.
"""

import os
import random
import signal
import statistics
import subprocess
import tempfile
import time
import traceback
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, literal, select

from app import create_app
from bench.imports import DURABLE
from bench.message import FIELDS, NAMES, VALUES, source
from bench.table import Row
from maestro import background, migrations, worker
from maestro.accounts import groups, setup
from maestro.config import Config
from maestro.delivery import ledger
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.mailing import run, states
from maestro.models import MailJob, Setting, Subscription
from maestro.warehouse import datasets, fields, lists, tables
from tests.parts import postgres
from tests.parts.smtp_sink import ENVIRONMENT, TOOLS, postfix_sink

COUNT = 20_000
ROUNDS = 3
SIZE = 10_500                                      # octets of a message of smtp-source; ours are as long
CPU = 60                                           # microseconds a message that the sender may take at w >= 4
CASES = (                                          # database, connections, w, least ratio
    ("PostgreSQL", 50, 16, 1.0), ("PostgreSQL", 50, 4, 0.9), ("PostgreSQL", 10, 16, 0.8), ("PostgreSQL", 10, 4, 0.7),
    ("PostgreSQL", 10, 1, 0.3), ("SQLite", 50, 4, 0.9))


def fill():
    """A list of invented people with the fields of the message."""
    setup.setup(email="root@example.org", password="correct horse battery 7", organisation="Fern",
                address="12 Mill Lane", zone="Europe/Berlin", language="en")
    dataset = datasets.create(groups.create("Bench", by="bench"), "People", by="bench")
    for name, kind in FIELDS.items():
        if name != "address":
            fields.create(dataset, name, kind, by="bench", name=name)
    offers, table, draw = lists.create(dataset, "Offers", by="bench"), tables.table(dataset), random.Random(1)
    people = ({**dict.fromkeys(("address", "address_key"), f"user{number}@example{number % 50}.org"),
               "state": "confirmed", "how": "importer", "joined_at": clock.now(), "points": float(number % 1000),
               **{name: draw.choice(VALUES) for name in NAMES}} for number in range(COUNT))
    while batch := list(islice(people, 5_000)):
        db.session.execute(insert(table), batch)
    db.session.execute(insert(Subscription).from_select(
        ["created_at", "list_id", "member_id", "state", "how", "joined_at"],
        select(table.c.joined_at, literal(offers.id), table.c.id, table.c.state, table.c.how, table.c.joined_at)))
    db.session.commit()
    return offers


def launched(offers, number):
    """The number of a job whose ledger is written, so that only sending is left."""
    job = MailJob(code=f"B{number}", group_id=offers.dataset.group_id, title="Bench", dataset_id=offers.dataset_id,
                  list_id=offers.id, subject="{{first}}, news for {{city}}", html=source(random.Random(7)),
                  from_address="news@example.org", phase="launching", due_at=clock.now(), started_at=clock.now())
    db.session.add(job)
    db.session.commit()
    run.keep_links(job, run.built(job).links)
    assert run.has_ledger(job) and states.try_to(job, "begin")
    db.session.commit()
    return job.id


def phase(job_id):
    with reading():
        found = db.session.scalar(select(MailJob.phase).where(MailJob.id == job_id))
        db.session.rollback()
    return found


def work(job_id):
    """What a worker's process does with the job."""
    status = 1
    try:
        worker.become_child()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        while phase(job_id) != "done":
            background.perform(run.send.path, job_id)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ours(job_id):
    """Seconds, and microseconds of CPU a message, of one sending process."""
    db.session.remove()
    db.engine.dispose()
    start = time.perf_counter()
    pid = os.fork()
    if not pid:
        work(job_id)
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    assert status == 0 and ledger.counts(job_id)["accepted"] == COUNT, ledger.counts(job_id)
    db.session.rollback()
    return seconds, (used.ru_utime + used.ru_stime) / COUNT * 1e6


def theirs(port, connections):
    """Seconds that smtp-source takes."""
    start = time.perf_counter()
    subprocess.run([TOOLS / "sbin" / "smtp-source", "-l", str(SIZE), "-m", str(COUNT), "-s", str(connections), "-f",
                    "news@example.org", "-t", "ann@example.org", f"127.0.0.1:{port}"], check=True, env=ENVIRONMENT)
    return time.perf_counter() - start


def case(app, offers, name, connections, window, least, port):
    """One line of the table: medians of rounds in which both take turns."""
    app.extensions["maestro"] = replace(app.extensions["maestro"], WINDOW=window,
                                        SMTP_URL=f"smtp://127.0.0.1:{port}?connections={connections}&messages=1000")
    ratios, costs = [], []
    for number in range(ROUNDS):
        other = theirs(port, connections)
        seconds, cost = ours(launched(offers, f"{connections}-{window}-{number}"))
        ratios.append(other / seconds)
        costs.append(cost)
    ratio, cost = statistics.median(ratios), statistics.median(costs)
    where = f"{name}, {connections} connections, w={window}"
    yield Row("delivery", f"{where} ({COUNT / seconds:,.0f} messages a second)", f"{ratio:.2f} x smtp-source",
              f">= {least} x", ratio >= least)
    most = f"<= {CPU} µs" if window >= 4 else ""
    yield Row("delivery", f"{where}: CPU of the sender", f"{cost:.0f} µs a message", most,
              cost <= CPU if most else None)


def durable_commit():
    """Milliseconds that the machine's disk takes for one small commit, the median of fifty."""
    taken = []
    for number in range(50):
        start = time.perf_counter()
        db.session.add(Setting(name=f"bench {number}", value=number))
        db.session.commit()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def one_database(name, url, folder):
    settings = {"MAESTRO_DATA": str(folder), "MAESTRO_DATABASE_URL": url, "MAESTRO_SECRET_KEY": "0" * 64,
                "MAESTRO_REDIS_URL": "unix:///nowhere"}
    app = create_app(Config.from_env(settings))
    with app.app_context(), postfix_sink() as port:
        migrations.upgrade()
        offers = fill()
        yield Row("delivery", f"{name}: one durable commit, on which a window waits", f"{durable_commit():.1f} ms")
        for database, *rest in CASES:
            if database == name:
                yield from case(app, offers, name, *rest, port)
        db.session.remove()
        db.engine.dispose()


def measure():
    postgres.SETTINGS |= DURABLE
    cluster, rows = postgres.Cluster(), []
    cluster.start()
    try:
        for name in ("PostgreSQL", "SQLite"):
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                rows += one_database(name, cluster.create() if name == "PostgreSQL" else "", Path(folder))
    finally:
        cluster.stop()
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row.what, row.value, row.target, "" if row.met is not False else "NOT MET")
