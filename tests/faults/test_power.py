"""The machine stops: senders, mail server and database die at the same moment, and are started again."""

import os
import random
import signal

import pytest

from maestro.extensions import db
from tests.parts.senders import accepted, addresses, counts, reap, verify
from tests.parts.waiting import until

ROUNDS, PEOPLE, BOUND = 10, 4000, 40


class Machine:
    """What dies together."""

    def __init__(self, mailserver, herd, cluster):
        self.mailserver, self.herd, self.cluster = mailserver, herd, cluster

    def stop(self):
        if self.cluster:
            os.killpg(self.cluster.process.pid, signal.SIGKILL)
        for pid in self.herd.pids:
            os.kill(pid, signal.SIGKILL)
        self.mailserver.stop()
        for pid in list(self.herd.pids):
            self.herd.wait(pid)
        if self.cluster:
            self.cluster.process.wait()

    def start(self):
        db.session.remove()
        db.engine.dispose()
        if self.cluster:
            self.cluster.run()
        self.mailserver.start()


@pytest.fixture
def machine(request, senders, mailserver):
    on_postgres = "postgresql" in request.node.name
    return Machine(mailserver, senders(PEOPLE), request.getfixturevalue("postgres") if on_postgres else None)


def test_a_power_cut_sends_nobody_twice_and_loses_nobody(machine, report, request):
    dice, herd, known = random.Random(8), machine.herd, set()
    for _ in range(ROUNDS):
        done = accepted(herd.job_id)
        herd.start()
        until(lambda done=done: accepted(herd.job_id) > done + 20, 60, lambda: str(counts(herd.job_id)))
        until(lambda: dice.random() < 0.3)
        machine.stop()
        machine.start()
        doubtful = addresses(herd.job_id, "handed", "unknown")
        assert len(doubtful - known) <= BOUND
        known |= doubtful
        reap()
    herd.finish()
    doubtful, received = verify(herd.job_id, PEOPLE, machine.mailserver.received()), machine.mailserver.received()
    report(f"{request.node.name}: {ROUNDS} power cuts, {len(doubtful)} recipients unconfirmed, "
           f"of whom {len(doubtful & set(received))} got their mail")
