"""A Redis of the test run's own, on a socket in a temporary folder."""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError

from maestro.lib import redis_server
from maestro.lib.death import die_with_parent
from tests.parts.waiting import until


def answers(url):
    try:
        return Redis.from_url(url).ping()
    except ConnectionError:
        return False


@contextmanager
def running():
    """A server for the block: its URL and its process."""
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    url = f"unix://{folder}/s"
    server = subprocess.Popen(redis_server.command(folder / "s"), stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
    until(lambda: answers(url), 10, "Redis did not start.")
    try:
        yield url, server
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_url():
    with running() as (url, _):
        yield url
