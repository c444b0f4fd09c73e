"""Workers look for due work themselves when nobody can ring for them."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from maestro.delivery import post
from maestro.extensions import db
from maestro.lib.death import die_with_parent
from maestro.models import Group, Post
from tests.parts.maestro import outside
from tests.parts.redis import running
from tests.parts.waiting import until

ROOT = Path(__file__).parent.parent


@contextmanager
def listening(config, url):
    """A worker's process that waits for a ring from the Redis at `url`."""
    settings = {"MAESTRO_DATA": str(config.DATA), "MAESTRO_SECRET_KEY": config.SECRET_KEY, "MAESTRO_REDIS_URL": url}
    process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "worker", "other"], cwd=ROOT,
                               env=outside() | settings, preexec_fn=die_with_parent)
    redis = Redis.from_url(url)
    until(lambda: any("b" in client["flags"] for client in redis.client_list()), 60, "The worker does not listen.")
    yield
    process.kill()
    process.wait()


def is_sent(number):
    state = db.session.scalar(select(Post.state).where(Post.id == number))
    db.session.rollback()
    return state == "sent"


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP])
def test_what_falls_due_is_done_while_redis_is_away(sqlite_app, harm):
    with running() as (url, server), listening(sqlite_app.extensions["maestro"], url):
        server.send_signal(harm)
        group = db.session.query(Group.id).first().id
        queued = post.queue(group, "notice", "ann@example.org", "news@example.org", b"Subject: Hello\r\n\r\nHello\r\n")
        db.session.commit()
        number = queued.id
        db.session.rollback()
        until(lambda: is_sent(number), 60, "Nobody looked for work.")
        server.send_signal(signal.SIGCONT)
