"""A shop's customers on each kind of server that can be tried live, reached over a wire that can be cut."""

import socket
import sqlite3
import threading
from contextlib import suppress
from types import SimpleNamespace

import psycopg
import pytest

from maestro.exchange import connections
from maestro.extensions import db
from tests.parts.mariadb import PASSWORD
from tests.parts.shop import nightly_of

KINDS = ("sqlite", "postgresql", "mysql")
MADE = ("CREATE TABLE customers (id integer PRIMARY KEY, email varchar(320), first_name {text}, city varchar(80), "
        "born {date})")
DIGITS = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(10))
MANY = """INSERT INTO customers SELECT n, {address}, {name}, 'York', '1990-01-02' FROM (SELECT 1 + a.n + 10 * b.n
    + 100 * c.n + 1000 * d.n AS n FROM ({digits}) a, ({digits}) b, ({digits}) c, ({digits}) d) x
    WHERE n BETWEEN {first} AND {last}"""


class Wire:
    """A port of loopback that leads to a server; `cut` hangs up after so many bytes of the server's have passed."""

    def __init__(self, port):
        self.target, self.left, self.open = port, None, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.open += [near, far]
                for source, sink, counts in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self.pass_on, args=(source, sink, counts), daemon=True).start()

    def pass_on(self, source, sink, counts):
        with suppress(OSError):
            while piece := source.recv(8192):
                if counts and self.left is not None:
                    self.left -= len(piece)
                    if self.left < 0:
                        break
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self, after):
        self.left = after

    def close(self):
        self.listener.close()
        for end in self.open:
            end.close()


def on_sqlite(request):
    folder = request.getfixturevalue("tmp_path") / "sources"
    owner = sqlite3.connect(folder / "shop.db", isolation_level=None)
    request.addfinalizer(owner.close)
    owner.execute(MADE.format(text="text", date="date"))
    return SimpleNamespace(run=lambda statement: owner.execute(statement).fetchall(), place={"database": "shop.db"})


def on_postgres(request):
    server = request.getfixturevalue("postgres")
    url = server.create()
    owner = psycopg.connect(url, autocommit=True)
    request.addfinalizer(owner.close)
    owner.execute("DO $$ BEGIN CREATE ROLE buyer LOGIN PASSWORD 'reads only'; "
                  "EXCEPTION WHEN duplicate_object THEN END $$")
    owner.execute(MADE.format(text="text", date="date"))
    owner.execute("GRANT SELECT ON customers TO buyer")
    wire = Wire(server.port)
    request.addfinalizer(wire.close)
    return SimpleNamespace(
        run=lambda statement: (cursor := owner.execute(statement)) and cursor.description and cursor.fetchall(),
        wire=wire, place={"host": "127.0.0.1", "port": wire.port, "username": "buyer", "password": "reads only",
                          "database": url.partition("@/")[2].partition("?")[0], "tls": "none"})


def on_mariadb(request):
    server = request.getfixturevalue("mariadb")
    name = server.create()
    server.run(MADE.format(text="longtext", date="date"))
    wire = Wire(server.port)
    request.addfinalizer(wire.close)

    def run(statement):
        server.root.select_db(name)
        return [tuple(row) for row in server.run(statement)]
    return SimpleNamespace(run=run, wire=wire, place={"host": "127.0.0.1", "port": wire.port, "username": "reader",
                                                      "password": PASSWORD, "database": name, "tls": "none"})


SERVERS = {"sqlite": on_sqlite, "postgresql": on_postgres, "mysql": on_mariadb}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def there(request, kind, tmp_path):
    """The other database with 100 customers: `run(statement)` as its owner; `fill(1, 10)` makes those with the ids."""
    (tmp_path / "sources").mkdir(exist_ok=True)
    found = SERVERS[kind](request)
    found.kind = kind
    found.fill = lambda first, last: found.run(many(kind, first, last))
    found.fill(1, 100)
    return found


def many(kind, first, last):
    """The statement that makes customers by their ids, of which 10,000 is the last."""
    join = "concat({})".format if kind == "mysql" else lambda parts: " || ".join(parts.split(", "))
    return MANY.format(digits=DIGITS, first=first, last=last, address=join("'c', n, '@example.org'"),
                       name=join("'C', n"))


@pytest.fixture
def bought(app, world, there):
    """The connection to it."""
    found = connections.create(world.group, world.root, name="Shop", kind=there.kind, **there.place)
    db.session.commit()
    return found


@pytest.fixture
def nightly(bought, world):
    """An enabled importer that synchronises Dave's list with the shop."""
    return nightly_of(bought, world)
