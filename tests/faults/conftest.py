"""A job, a mail server and sender processes, to be hurt."""

import pytest

from tests.exchange.conftest import bring_in, draft  # noqa: F401
from tests.parts.senders import Mailserver, Senders, prepare


@pytest.fixture
def mailserver(tmp_path):
    server = Mailserver(tmp_path, "--delay", "0.005")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(mailserver):
    return {"SMTP_URL": f"smtp://127.0.0.1:{mailserver.port}?connections=10"}


@pytest.fixture
def senders(world, monkeypatch):
    """`senders(200)`: processes for a job to 200 people."""
    made = []

    def make(count):
        made.append(Senders(prepare(world, count), monkeypatch))
        return made[-1]
    yield make
    for each in made:
        each.end()


@pytest.fixture
def report(capsys):
    """Print a line that is seen whether the test passes or not."""
    def line(text):
        with capsys.disabled():
            print(f"\n  {text}")
    return line
