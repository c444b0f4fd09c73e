"""A MariaDB server of the test run's own, started when the first test asks for it: on loopback, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import partial
from itertools import count
from pathlib import Path

import pymysql
import pytest

from maestro.lib.death import die_with_parent
from tests.parts.ports import free_port
from tests.parts.waiting import until

SETTINGS = {
    "innodb-buffer-pool-size": "32M", "innodb-flush-log-at-trx-commit": "0", "innodb-doublewrite": "0",
    "innodb-log-file-size": "16M", "bind-address": "127.0.0.1", "skip-log-bin": None, "skip-name-resolve": None,
    "performance-schema": "OFF",
}
PASSWORD = "reads only 7"


def program(name):
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or pytest.fail(
        f"{name} is not installed: make setup-dev")


class MariaDB:
    """`root` is a connection that may do everything; `create()` makes a database and its accounts."""

    def __init__(self):
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="maria-")), free_port()
        self.user = pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("mysql")
        self.as_user = {} if os.geteuid() else {
            "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        self.numbers = count(1)

    def start(self):
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = self.folder / "data"
        subprocess.run([program("mariadb-install-db"), "--no-defaults", f"--datadir={data}",
                        f"--user={self.user.pw_name}", "--auth-root-authentication-method=normal", "--skip-test-db",
                        "--innodb-log-file-size=16M"],
                       check=True, capture_output=True)
        options = [f"--{name}={value}" if value is not None else f"--{name}" for name, value in SETTINGS.items()]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={self.port}",
                 f"--socket={self.folder}/sock", f"--pid-file={self.folder}/pid", f"--tmpdir={self.folder}", *options],
                stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
                preexec_fn=partial(die_with_parent, signal.SIGKILL), **self.as_user)
        self.root = until(self.connect, seconds=60)

    def connect(self):
        try:
            return pymysql.connect(unix_socket=f"{self.folder}/sock", user="root", autocommit=True)
        except pymysql.OperationalError:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            return None

    def run(self, statement, *values):
        with self.root.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall()

    def create(self):
        """The name of a new database; the account `reader` may read it, `writer` read and write, `boss` everything."""
        name = f"source_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        for user, rights in (("reader", f"SELECT ON {name}.*"),
                             ("writer", f"SELECT, INSERT, UPDATE, DELETE, CREATE ON {name}.*"),
                             ("boss", "ALL PRIVILEGES ON *.*")):
            self.run(f"CREATE USER IF NOT EXISTS {user}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
            self.run(f"GRANT {rights} TO {user}@'127.0.0.1'")
        self.root.select_db(name)
        return name

    def stop(self):
        self.root.close()
        self.process.kill()
        self.process.wait(30)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def mariadb():
    """The server of this run; tests that use it are marked `xdist_group("mariadb")`, so that one worker starts it."""
    server = MariaDB()
    server.start()
    yield server
    server.stop()
