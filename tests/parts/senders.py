"""Sender processes that can be killed, frozen and stopped, and what must be true whatever was done to them.

A sender is a fork of the test's process, as RQ's work-horse is one of the worker's.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager

from sqlalchemy import func, insert, select

from maestro import background, worker
from maestro.delivery import ledger, sender, statements
from maestro.extensions import db, reading
from maestro.lib import clock, crash
from maestro.mailing import run
from maestro.models import MailJob, Recipient, Subscription
from maestro.warehouse import tables
from tests.parts.ports import free_port
from tests.parts.waiting import until

LEASE = 1.0                                        # seconds, where the product has 60
HTML = """<p>Hello {{first_name|friend}}, <a href="https://www.example.org/spring">look</a></p>
<p><a href="{{*UnsubscribeURL}}">Unsubscribe</a></p>"""


class Mailserver:
    """The sink as a process of its own, on a port that it keeps when it is started again."""

    def __init__(self, folder, *options):
        self.file, self.port, self.options = folder / "sink.jsonl", free_port(), options
        self.file.touch()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.parts.sink", str(self.port), str(self.file), *self.options],
            stdout=subprocess.PIPE)
        assert self.process.stdout.readline().strip() == str(self.port).encode()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def received(self):
        """The recipients whose message came to its end here, as often as it did."""
        return [json.loads(line)["to"] for line in self.file.read_text().splitlines()]


class Senders:
    """Processes that work on one job until it is done."""

    def __init__(self, job_id, monkeypatch):
        for place in (statements, sender):
            monkeypatch.setattr(place, "LEASE", LEASE)
        self.job_id = job_id
        self.pids = set()
        self.kills = 0

    def start(self, crash_at=""):
        db.session.remove()
        pid = os.fork()
        if not pid:
            self.live(crash_at)
        self.pids.add(pid)
        return pid

    def live(self, crash_at):
        status = 1
        try:
            worker.become_child()
            signal.signal(signal.SIGTERM, lambda *_: background.stopping.set())
            crash.arm(crash_at)
            while not background.stopping.is_set() and phase(self.job_id) not in ("done", "failed", "paused"):
                background.perform(run.send.path, self.job_id)
                background.stopping.wait(0.05)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        return self.wait(pid)

    def wait(self, pid, seconds=90):
        """How a process ended: its exit status, or minus the signal."""
        ended = until(lambda: self.ended(pid), seconds, f"Process {pid} does not end.")
        return os.waitstatus_to_exitcode(ended[0])

    def ended(self, pid):
        found, status = os.waitpid(pid, os.WNOHANG)
        if not found:
            return None
        self.pids.discard(pid)
        return (status,)

    def end(self):
        for pid in list(self.pids):
            os.kill(pid, signal.SIGKILL)
            os.kill(pid, signal.SIGCONT)
            self.wait(pid)

    def finish(self, seconds=90):
        """Let one sender work, and the reaper, until the job is done."""
        pid, deadline = self.start(), time.monotonic() + seconds
        while phase(self.job_id) != "done":
            assert time.monotonic() < deadline, f"The job is not done: {counts(self.job_id)}"
            reap()
            time.sleep(0.05)
            if self.ended(pid):
                pid = self.start()
        self.wait(pid)


@contextmanager
def glance():
    """A short look that keeps nobody from writing."""
    with reading():
        db.session.rollback()
        try:
            yield
        finally:
            db.session.rollback()


def phase(job_id):
    with glance():
        return db.session.scalar(select(MailJob.phase).where(MailJob.id == job_id))


def reap():
    ledger.reap()
    db.session.rollback()


def counts(job_id):
    with glance():
        return {state: count for state, count in ledger.counts(job_id).items() if count}


def accepted(job_id):
    """How many have got it; meanwhile what dead senders held is given back."""
    reap()
    return counts(job_id).get("accepted", 0)


def addresses(job_id, *states):
    wanted = select(Recipient.address).where(Recipient.job_id == job_id, Recipient.state.in_(states))
    with glance():
        return set(db.session.scalars(wanted).all())


def prepare(world, count):
    """A job to so many people that is due now. Returns its number."""
    people = tables.table(world.dataset)
    db.session.execute(insert(people), [
        {"address": f"user{number}@example.org", "address_key": f"user{number}@example.org", "state": "confirmed",
         "joined_at": clock.now(), "first_name": f"Name{number}"} for number in range(1, count)])
    db.session.execute(insert(Subscription).from_select(
        ["list_id", "member_id", "state", "how", "joined_at", "created_at"],
        select(world.offers.id, people.c.id, people.c.state, people.c.how, people.c.joined_at, people.c.joined_at)
        .where(people.c.id != world.dave["id"]), include_defaults=False))
    job = MailJob(code=f"F{time.monotonic_ns()}", group_id=world.group.id, title="News", dataset_id=world.dataset.id,
                  list_id=world.offers.id, subject="Spring", html=HTML, from_address="news@example.org",
                  phase="authorised", due_at=clock.now())
    db.session.add(job)
    db.session.commit()
    return job.id


def verify(job_id, count, received):
    """What holds after every fault: nobody twice, nobody lost, nothing hidden. Returns the addresses in doubt."""
    assert phase(job_id) == "done"
    found = counts(job_id)
    assert set(found) <= {"accepted", "unknown"}, found
    assert sum(found.values()) == count, found
    assert len(received) == len(set(received)), f"twice: {sorted(to for to in set(received) if received.count(to) > 1)}"
    booked, unknown = addresses(job_id, "accepted"), addresses(job_id, "unknown")
    assert booked <= set(received), f"accepted and never seen: {sorted(booked - set(received))}"
    assert set(received) <= booked | unknown, f"sent and not booked: {sorted(set(received) - booked - unknown)}"
    assert ledger.audit() == []
    assert tallies_are_right(job_id)
    return unknown


def tallies_are_right(job_id):
    """The counts kept beside the chunks are those of the rows."""
    rows = select(Recipient.state, func.count()).where(Recipient.job_id == job_id).group_by(Recipient.state)
    with glance():
        return dict(db.session.execute(rows).all()) == counts(job_id)
