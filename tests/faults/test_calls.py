"""The trigger URL of a running installation: a hundred calls at once, and the web process killed under them.

A caller who was answered 200 or 202 has been understood once; whoever got no answer asks again, as wget does.
"""

import http.client
import os
import random
import signal
import threading
from collections import Counter

import pytest

from maestro import actions
from maestro.exchange import importers, sources
from maestro.extensions import db
from maestro.models import ImportRun
from tests.parts.maestro import Maestro, children
from tests.parts.waiting import until

AT_ONCE, ROUNDS, KILLS, TRIES = 100, 20, 20, 20
GAP = 600                                          # seconds: the web process may be away for 30 of them
CSV = b"email,first_name\r\n" + b"".join(b"p%d@example.org,P\r\n" % number for number in range(50))


@pytest.fixture
def settings():
    """No mail server is needed."""
    return {}


@pytest.fixture
def maestro(config):
    """`maestro(CRASH_AT="...")`: the installation of `config` in processes of its own."""
    running = []

    def start(**settings):
        config.DATA.joinpath("redis.sock").unlink(missing_ok=True)
        given = {"DATABASE_URL": config.DATABASE_URL, "SECRET_KEY": config.SECRET_KEY, **settings}
        running.append(Maestro(config.DATA, **{f"MAESTRO_{name}": value for name, value in given.items() if value}))
        running[-1].__enter__()
        return running[-1]
    yield start
    for each in running:
        each.__exit__()


@pytest.fixture
def make(app, world, tmp_path):
    """`make(20)`: so many enabled importers of a file, as (importer number, token)."""
    def importers_of(count):
        tmp_path.joinpath("people.csv").write_bytes(CSV)
        found = []
        for number in range(count):
            made = importers.create(world.dataset, world.offers, f"Importer {number}", "upload", by=world.alice)
            importers.set_file(made, sources.take(tmp_path / "people.csv"), "people.csv", by=world.alice)
            importers.enable(made, by=world.alice)
            action = actions.of("import", made, world.alice)
            actions.set_rules(action, world.alice, gap=GAP)
            found.append((made.id, actions.show(action, world.alice)))
        db.session.commit()
        return found
    return importers_of


def is_up(maestro):
    return get(maestro, "/healthz")


def ask(maestro, token):
    return get(maestro, f"{actions.PATH}?token={token}&wait=0")


def get(maestro, path):
    """(status, headers) of one request; None when the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", maestro.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def insist(maestro, token):
    """Ask until there is an answer: (status, headers, tries)."""
    for tries in range(1, TRIES + 1):
        if answer := ask(maestro, token):
            return *answer, tries
        until(lambda: is_up(maestro), 60, maestro.log)
    raise AssertionError(f"No answer in {TRIES} tries.")


def runs(importer_id):
    with db.engine.connect() as connection:
        return connection.scalar(db.select(db.func.count()).where(ImportRun.importer_id == importer_id))


def at_once(maestro, token):
    """The answers to a hundred calls that are made at the same time."""
    barrier, found = threading.Barrier(AT_ONCE), []

    def call():
        barrier.wait()
        found.append(ask(maestro, token))
    threads = [threading.Thread(target=call) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_a_hundred_calls_at_once_one_acts(maestro, make, report, request):
    given, running, told = make(ROUNDS), maestro(), Counter()
    for importer_id, token in given:
        answers = at_once(running, token)
        assert len(answers) == AT_ONCE and None not in answers
        assert {status for status, _ in answers} <= {200, 202}
        results = Counter(headers["X-Maestro-Result"] for _, headers in answers)
        assert results["repeated"] == AT_ONCE - 1 and results.total() == AT_ONCE, results
        assert len({headers["X-Maestro-Id"] for _, headers in answers}) == 1
        assert runs(importer_id) == 1
        told += results
    report(f"{request.node.name}: {ROUNDS} rounds of {AT_ONCE} calls: {dict(told)}, one run a round")


@pytest.mark.parametrize("point", ["call_decided", "call_committed"])
def test_the_web_process_dies_at_a_call_and_the_caller_asks_again(maestro, make, point, report, request):
    """Every second call of a process is its last."""
    given, running = make(2 * KILLS), maestro(CRASH_AT=f"{point}:2")
    tries = Counter(outcome(running, *each) for each in given)
    assert sum(count for number, count in tries.items() if number > 1) >= KILLS - 1
    report(f"{request.node.name}: {len(given)} calls, answered at try {dict(sorted(tries.items()))}, each acted once")


def test_the_web_process_dies_at_any_moment_and_the_caller_asks_again(maestro, make, report, request):
    chance, given, running, tries = random.Random(20261122), make(2 * KILLS), maestro(), Counter()
    for each in given:
        timer = threading.Timer(chance.uniform(0, 0.02), kill_worker, [running])
        timer.start()
        tries[outcome(running, *each)] += 1
        timer.join()
        until(lambda: is_up(running), 60, running.log)
    report(f"{request.node.name}: {len(given)} kills, answered at try {dict(sorted(tries.items()))}, each acted once")


def kill_worker(maestro):
    for pid, _ in children(maestro.part("web")):
        os.kill(pid, signal.SIGKILL)


def outcome(maestro, importer_id, token):
    """Ask until there is an answer, and look whether it acted once; at which try it came."""
    status, _, tries = insist(maestro, token)
    assert status in (200, 202) and runs(importer_id) == 1
    return tries
