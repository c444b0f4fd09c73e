"""An import in a process of its own, which is killed and started again, and what must hold at every moment."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select, update

from app import create_app
from maestro.exchange import imports, opening, writing
from maestro.exchange.holding import ACTIVE
from maestro.exchange.running import load
from maestro.extensions import db
from maestro.lib.death import die_with_parent
from maestro.lib.tabular import packed, text
from maestro.models import Change, ImportRun, Subscription
from maestro.warehouse import tables
from tests.parts.maestro import outside

ROOT = Path(__file__).parent.parent.parent
POINTS = ("fetch_slice:2", "fetched:1", "checked:1", "apply_slice:1", "applied:1")
WORK = {"run": imports.run_import, "writeback": writing.run_writeback}


def main(kind, number):
    """What the killed process does: small pieces, so that there is much to be killed in."""
    text.GATHER = packed.PIECE = 20_000
    opening.BATCH = 1000
    with create_app().app_context():
        WORK[kind](number)


class Process:
    """A process that works on a run (or on a write-back), on the installation of `config`."""

    def __init__(self, config, number, crash_at="", kind="run"):
        settings = {"DATA": config.DATA, "DATABASE_URL": config.DATABASE_URL, "REDIS_URL": config.REDIS_URL,
                    "SECRET_KEY": config.SECRET_KEY, "CRASH_AT": crash_at,
                    "EGRESS_ALLOW": ",".join(config.EGRESS_ALLOW), "IMPORT_DIR": ",".join(config.IMPORT_DIR)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.parts.importer", kind, str(number)], cwd=ROOT, preexec_fn=die_with_parent,
            env=outside() | {f"MAESTRO_{name}": str(value) for name, value in settings.items() if value})

    def wait(self):
        return self.process.wait(120)

    def kill_after(self, fence, run_id, seconds):
        """Kill it some seconds after it has taken the run; True if it was still at work."""
        while load(run_id).fence == fence and self.process.poll() is None:
            time.sleep(0.005)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.wait() < 0


def expire(run_id):
    """Let the lease of a dead process be over, as 15 seconds would."""
    with db.engine.begin() as connection:
        connection.execute(update(ImportRun.__table__).where(ImportRun.id == run_id).values(lease_until=None))


def content(dataset, list):
    """What is there: {address: its values if on the list, None if in the dataset only}, and the log so far."""
    people, names = tables.table(dataset), [field.name for field in dataset.fields]
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(people, Subscription.state.label("place")).outerjoin(Subscription, (
                Subscription.member_id == people.c.id) & (Subscription.list_id == list.id))).mappings()
        here = {row["address"]: {name: told(row[name]) for name in names} | {"listed": row["place"] == "confirmed"}
                for row in rows}
        log = connection.execute(select(Change).order_by(Change.id)).mappings().all()
    return here, log


def told(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def people_of(rows, listed=True):
    """What is expected to be there of rows of (address, first name, city)."""
    return {address: {"first_name": first, "city": city, "birthday": None, "listed": listed}
            for address, first, city in rows}


def replay(before, log):
    """What the lines of the log make of `before`; fails on a line that cannot be: a change told twice."""
    here = {address: dict(values) for address, values in before.items()}
    for entry in log:
        address, step = entry["address"], entry["code"] + entry["level"]
        if step == "ADDD":
            assert address not in here, f"{address} joined twice"
            here[address] = None                              # the log does not tell the values
        elif step == "DELD":
            del here[address]                                 # fails when somebody left twice
        elif step in ("ADDL", "DELL"):
            here[address] = {**(here[address] or {}), "listed": step == "ADDL"}
        elif step in ("UPDD", "UPDL"):
            for name, (old, new) in json.loads(entry["changes"]).items():
                assert here[address][name] == old, f"{name} of {address} was {here[address][name]}, not {old}"
                here[address][name] = new
    return here


def assert_log_tells(before, logged, now, log):
    """The log since `logged` lines is exactly the difference between `before` and `now`."""
    expected = replay(before, log[logged:])
    assert expected.keys() == now.keys()
    for address, values in expected.items():
        assert values.items() <= now[address].items(), address


class Ordeal:
    """One import that is killed until it gets through; after each kill everything must hold."""

    def __init__(self, config, run_id, dataset, list):
        self.config, self.run_id, self.dataset, self.list = config, run_id, dataset, list
        self.before, log = content(dataset, list)
        self.logged, self.seen, self.kills = len(log), [], Counter()

    def kill_at(self, point):
        """Let it work until it dies at a named point, or gets through."""
        code = Process(self.config, self.run_id, point).wait()
        assert code in (0, -9)
        self.kills[point.partition(":")[0]] += code < 0
        self.look()

    def kill_after(self, seconds):
        """Kill it at some moment while it works."""
        fence = load(self.run_id).fence
        if Process(self.config, self.run_id).kill_after(fence, self.run_id, seconds):
            self.kills[load(self.run_id).state] += 1
        self.look()

    def look(self):
        now, log = content(self.dataset, self.list)
        assert_log_tells(self.before, self.logged, now, log)
        self.seen.append(now)
        expire(self.run_id)

    def is_over(self):
        return load(self.run_id).state not in ACTIVE

    def finish(self, expected, state="done"):
        """Let it get through; then the list is the new one, and on PostgreSQL it never was anything in between.

        An undo goes forward slice by slice on both databases.
        """
        if not self.is_over():
            assert Process(self.config, self.run_id).wait() == 0
            self.look()
        assert load(self.run_id).state == state, load(self.run_id).problem
        assert self.seen[-1] == expected
        if db.engine.dialect.name == "postgresql" and state == "done":
            assert all(now in (self.before, expected) for now in self.seen)
        return self.kills


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
