"""A PostgreSQL cluster of the test run's own: made in a temporary folder, reached by a socket (and, as a database of
somebody else, by a port of loopback), gone afterwards.

PostgreSQL refuses to run as root; where the tests do, it runs as the user `postgres` or `nobody`.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from maestro.lib.death import die_with_parent
from tests.parts.ports import free_port

ROOM = 4 << 30                                     # bytes that the clusters of two workers may come to need
SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "max_wal_size": "4GB", "shared_buffers": "64MB", "max_connections": "60", "jit": "off", "autovacuum": "off",
    "timezone": "UTC", "log_min_messages": "fatal",
}


def program(name):
    """The newest installed one: Debian keeps it away from PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(name) or pytest.fail(f"{name} is not installed: make setup-dev")


def other_user():
    """How subprocess is told to run as somebody else than root; nothing where we are not."""
    if os.geteuid():
        return None, {}
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return user, {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Cluster:
    """One server. `create()` answers with the URL of a new database, `url(name)` with that of any.

    `place`: the folder below which it keeps its data, the temporary one without.
    """

    def __init__(self, place=None):
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))
        self.user, self.as_user = other_user()
        self.port = free_port()
        self.numbers = itertools.count(1)
        self.copies = []

    def start(self):
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = str(self.folder / "data")
        subprocess.run([program("initdb"), "--pgdata", data, "--username", "maestro", "--auth", "trust", "--no-sync",
                        "--encoding", "UTF8", "--locale", "C.UTF-8"],
                       check=True, capture_output=True, cwd=self.folder, **self.as_user)
        self.run()

    def run(self):
        """Start the server on the data that is there, as after a power cut."""
        data = str(self.folder / "data")
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", data, "-k", str(self.folder), "-p", str(self.port), *options], stdout=log,
                stderr=log, cwd=self.folder, start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGQUIT), **self.as_user)
        self.connection = self.connect()

    def connect(self):
        for _ in range(200):
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError:
                try:
                    self.process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                break
        raise AssertionError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def url(self, name):
        return f"postgresql://maestro@/{name}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def create(self, template=None):
        """The URL of a new database, empty, or a copy of the database with the URL `template`.

        A copy lives as long as the test, an empty one as long as the run.
        """
        name = f"maestro_{next(self.numbers)}"
        origin = template.partition("@/")[2].partition("?")[0] if template else "template0"
        way = "STRATEGY FILE_COPY" if self.connection.info.server_version >= 150_000 else ""
        self.connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(
            sql.Identifier(name), sql.Identifier(origin), sql.SQL(way)))
        if template:
            self.copies.append(name)
        return self.url(name)

    def drop_copies(self):
        while self.copies:
            self.connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.copies.pop())))

    def stop(self):
        self.connection.close()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        shutil.rmtree(self.folder)


def in_memory():
    """A folder that is kept in memory, where there is one with room: thousands of databases come and go there."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


@pytest.fixture(scope="session")
def postgres():
    """The cluster of this run (with pytest-xdist: of this worker)."""
    cluster = Cluster(in_memory())
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(autouse=True)
def _drop_copied_databases(request):
    """Databases that a test copied go with it, after everything that used them."""
    yield
    if "postgres" in request.fixturenames:
        request.getfixturevalue("postgres").drop_copies()
