"""A sender that dies, in short; `make test-faults` does this at length."""

import signal

import pytest

from tests.parts.senders import Mailserver, Senders, counts, prepare, verify


@pytest.fixture
def mailserver(tmp_path):
    server = Mailserver(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(mailserver):
    return {"SMTP_URL": f"smtp://127.0.0.1:{mailserver.port}?connections=3"}


@pytest.mark.parametrize("point, most", [("before_intent:2", 12), ("after_terminator:9", 12), ("after_claim:1", 0)])
def test_who_dies_leaves_few_in_doubt_and_nobody_is_mailed_twice(world, mailserver, monkeypatch, point, most):
    herd = Senders(prepare(world, 60), monkeypatch)
    assert herd.wait(herd.start(point)) == -signal.SIGKILL
    herd.finish()
    assert len(verify(herd.job_id, 60, mailserver.received())) <= most
    assert sum(counts(herd.job_id).values()) == 60
