"""The whole installation hurt while it sends: everything killed at once, Redis lost in three ways, a calm stop."""

import csv
import os
import signal
from collections import Counter

import pytest
from redis import Redis

from tests.parts.maestro import Maestro, children
from tests.parts.senders import Mailserver
from tests.parts.waiting import until

PEOPLE, KILLS, STOPS = 6000, 10, 5
BOUND = 10 * 4                                     # connections x window: what one killed sender may leave in doubt


@pytest.fixture
def mailserver(tmp_path):
    server = Mailserver(tmp_path, "--delay", "0.02")
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def maestro(request, tmp_path, mailserver):
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    found = Maestro(tmp_path / "data", MAESTRO_DATABASE_URL=url, MAESTRO_SMTP_URL=f"smtp://127.0.0.1:{mailserver.port}?tls=none")
    with found:
        yield found


@pytest.fixture
def job(maestro, tmp_path):
    """The number of a job to 6,000 people that has just been authorised."""
    with open(tmp_path / "people.csv", "w", newline="") as file:
        csv.writer(file).writerows([["address"], *([f"p{number}@example.org"] for number in range(PEOPLE))])
    (tmp_path / "a.html").write_text('<p><a href="{{*UnsubscribeURL}}">Unsubscribe</a></p>')
    maestro.flask("setup", "--email", "root@example.org", "--organisation", "Fern", "--address", "12 Mill Lane",
                  "--zone", "UTC", "--language", "en", stdin="correct horse battery 7\n")
    maestro.flask("group-create", "News")
    maestro.flask("dataset-create", "Customers", "--group", "News")
    maestro.flask("list-create", "Offers", "--dataset", "1")
    maestro.flask("import", str(tmp_path / "people.csv"), "--list", "1", "--map", "address=address", "--mode", "add")
    job = str(maestro.flask("job-create", "--title", "T", "--list", "1", "--subject", "S",
                            "--html", str(tmp_path / "a.html"), "--from", "news@example.org")["id"])
    maestro.flask("job-test", job, "--to", "me@example.org")
    maestro.flask("job-accept-test", job)
    maestro.flask("job-authorise", job, "--now", "--grace", "0")
    return job


def received(mailserver):
    return Counter(address for address in mailserver.received() if address != "me@example.org")


def progress(mailserver, more):
    """Wait until some more messages, or all, have come to their end at the mail server."""
    goal = min(PEOPLE - BOUND * KILLS, sum(received(mailserver).values()) + more)
    until(lambda: sum(received(mailserver).values()) >= goal, 120, "Nothing is sent any more.")


def verify(maestro, job, mailserver, kills, capsys, request):
    """Everybody exactly once, or listed as doubtful; the counts add up."""
    maestro.flask("wait", "job", job, "--until", "done", "--timeout", "110")
    shown = maestro.flask("job-show", job)
    assert sum(shown["counts"].values()) == shown["audience"] == PEOPLE
    reached = received(mailserver)
    assert max(reached.values()) == 1
    lines = maestro.flask_text("job-recipients", job, "--state", "unknown").splitlines()
    assert len(lines) == shown["counts"]["unknown"] <= kills * BOUND
    assert shown["counts"]["accepted"] + shown["counts"]["unknown"] == PEOPLE
    assert len(reached) >= shown["counts"]["accepted"]
    with capsys.disabled():
        print(f"\n  {request.node.name}: {kills} kills, {len(lines)} recipients unconfirmed")


def everything(maestro):
    """All processes of an installation, the supervisor first, each by its own id."""
    found, look = [maestro.process.pid], [maestro.process.pid]
    while look:
        more = [pid for pid, _ in children(look.pop())]
        found += more
        look += more
    return found


def test_everything_killed_at_once_again_and_again(maestro, job, mailserver, capsys, request):
    for _ in range(KILLS):
        progress(mailserver, 300)
        for pid in everything(maestro):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:             # it died with its parent
                continue
        maestro.process.wait(10)
        maestro.start()
        maestro.wait_until_ready(20)
    verify(maestro, job, mailserver, KILLS, capsys, request)


def test_redis_emptied_full_killed_and_frozen(maestro, job, mailserver, capsys, request):
    redis = Redis(unix_socket_path=str(maestro.folder / "redis.sock"))
    progress(mailserver, 200)
    redis.flushall()
    progress(mailserver, 500)
    redis.config_set("maxmemory", 1)
    progress(mailserver, 1000)
    redis.config_set("maxmemory", 0)
    os.kill(maestro.part("redis"), signal.SIGKILL)
    progress(mailserver, 500)
    until(lambda: maestro.part("redis"), 30, "Redis was not started again.")
    frozen = maestro.part("redis")
    os.kill(frozen, signal.SIGSTOP)
    progress(mailserver, 1000)
    os.kill(frozen, signal.SIGCONT)
    verify(maestro, job, mailserver, 0, capsys, request)


def test_a_calm_stop_leaves_nothing_open(maestro, job, mailserver, capsys, request):
    for _ in range(STOPS):
        progress(mailserver, 300)
        assert maestro.stop(signal.SIGTERM, 60) == 0
        counts = maestro.flask("job-show", job)["counts"]
        assert (counts["handed"], counts["claimed"], counts["unknown"]) == (0, 0, 0)
        maestro.start()
        maestro.wait_until_ready()
    verify(maestro, job, mailserver, 0, capsys, request)
