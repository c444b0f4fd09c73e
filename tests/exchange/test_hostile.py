"""Hostile queries against real servers, as an account that may do everything: refused, or nothing changes there."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from maestro.lib.errors import Forbidden, MaestroError, Refused
from maestro.lib.foreign import reading
from maestro.lib.foreign.place import Place
from tests.parts.hostile import QUERIES
from tests.parts.mariadb import PASSWORD

pytestmark = pytest.mark.xdist_group("mariadb")
FILE = Path("/tmp/maestro-hostile")
HERE = ("db=127.0.0.0/8",)
# What no read-only transaction stops where the account may do everything: the first look does, and the rule that such
# accounts are not used.
BEYOND = ("lo_export", "pg_terminate_backend", "OUTFILE", "DUMPFILE")


@pytest.fixture
def on_postgres(postgres):
    url = postgres.create()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE people (id serial PRIMARY KEY, name text)")
        owner.execute("INSERT INTO people (name) VALUES ('Ann'), ('Ben')")
        owner.execute("CREATE FUNCTION harm() RETURNS integer LANGUAGE plpgsql AS "
                      "$$ BEGIN DELETE FROM people; RETURN 1; END $$")
        for role, rights in (("boss", "SUPERUSER"), ("small", ""), ("looker", "")):
            owner.execute(f"DO $$ BEGIN CREATE ROLE {role} {rights} LOGIN PASSWORD '{role}'; "
                          "EXCEPTION WHEN duplicate_object THEN END $$")
        owner.execute("GRANT ALL ON people TO small")
        owner.execute("GRANT SELECT ON people TO looker")
        yield Place("postgresql", "127.0.0.1", postgres.port, url.partition("@/")[2].partition("?")[0], "boss", "boss",
                    "none", allow=HERE), lambda: all_of_postgres(owner)


def all_of_postgres(owner):
    """Everything that a query could leave behind: tables with their rows, sequences, large objects, settings."""
    return [owner.execute(question).fetchall() for question in (
        "SELECT id, name FROM people ORDER BY id", "SELECT last_value FROM people_id_seq",
        "SELECT relname, relkind FROM pg_class ORDER BY oid", "SELECT rolname FROM pg_roles ORDER BY 1",
        "SELECT count(*) FROM pg_largeobject_metadata", "SELECT setting FROM pg_file_settings")]


@pytest.fixture
def on_mariadb(mariadb):
    name = mariadb.create()
    mariadb.run("CREATE TABLE people (id integer PRIMARY KEY AUTO_INCREMENT, name varchar(80))")
    mariadb.run("INSERT INTO people (name) VALUES ('Ann'), ('Ben')")
    mariadb.run("CREATE FUNCTION harm() RETURNS integer MODIFIES SQL DATA BEGIN DELETE FROM people; RETURN 1; END")
    mariadb.run(f"GRANT EXECUTE ON {name}.* TO reader@'127.0.0.1'")
    yield Place("mysql", "127.0.0.1", mariadb.port, name, "boss", PASSWORD, "none", allow=HERE), lambda: [
        [*mariadb.run(f"SELECT id, name FROM {name}.people ORDER BY id")], [*mariadb.run(f"SHOW TABLES IN {name}")],
        [*mariadb.run("SELECT user, host FROM mysql.user ORDER BY 1, 2")]]


@pytest.fixture
def on_sqlite(tmp_path):
    """A file has no accounts: whoever opens it may do everything."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE people (id integer PRIMARY KEY, name text)")
        file.execute("INSERT INTO people (name) VALUES ('Ann'), ('Ben')")
    file.close()
    return Place("sqlite", database="shop.db", folders=(str(tmp_path),)), lambda: (
        path.read_bytes(), sorted(tmp_path.iterdir()))


@pytest.fixture(params=["sqlite", "postgres reading", "postgres privileged", "mariadb reading", "mariadb privileged"])
def server(request):
    """(a place with one account, what is there now)"""
    kind, _, account = request.param.partition(" ")
    place, there = request.getfixturevalue(f"on_{kind}")
    if account == "reading":
        place = replace(place, **{"postgres": {"username": "looker", "password": "looker"},
                                  "mariadb": {"username": "reader"}}[kind])
    return place, there


def ask_everything(place, queries):
    """Ask each query as somebody whose dangerous account was accepted; says which were answered."""
    answered = []
    for query in queries:
        try:
            reading.look(place, query, accepted=True)
            answered.append(query)
        except MaestroError:
            pass
    return answered


def test_nothing_changes_and_no_file_appears(server):
    place, there = server
    before = there()
    assert not ask_everything(place, [query for query, _ in QUERIES["refused"]] + QUERIES[place.kind])
    assert there() == before and not FILE.exists()
    assert ask_everything(place, ["SELECT * FROM people"])


def test_the_engine_is_the_wall_behind_the_first_look(server, monkeypatch):
    place, there = server
    before = there()
    monkeypatch.setattr(reading.query, "check", lambda query: query)
    monkeypatch.setattr(reading, "SECONDS_OF_LOOK", 1)
    writing = [query for query, _ in QUERIES["refused"] if not any(word in query for word in BEYOND)]
    ask_everything(place, [*filter(None, writing), *QUERIES[place.kind]])
    assert there() == before and not FILE.exists()


@pytest.mark.parametrize("kind", ["on_postgres", "on_mariadb"])
def test_an_account_with_dangerous_rights_is_not_used_unless_somebody_answers_for_it(request, kind):
    place, _ = request.getfixturevalue(kind)
    assert reading.test(place)[0].dangers
    with pytest.raises(Refused, match="can do more"):
        reading.look(place, "SELECT * FROM people")


def test_the_test_tells_what_the_account_may_change(on_postgres, on_mariadb):
    place, _ = on_postgres
    found, seconds = reading.test(replace(place, username="small", password="small"))
    assert found.writes == ["public.people"] and not found.dangers and found.version.startswith("PostgreSQL")
    with pytest.raises(Refused, match="The database says") as refused:
        reading.test(replace(on_mariadb[0], password="wrong secret"))
    assert "wrong secret" not in str(refused.value)


@pytest.mark.parametrize("kind", ["on_postgres", "on_mariadb"])
def test_a_query_that_never_ends_is_ended(request, kind, monkeypatch):
    place, _ = request.getfixturevalue(kind)
    monkeypatch.setattr(reading, "SECONDS_OF_LOOK", 1)
    wide = " CROSS JOIN ".join(f"information_schema.columns c{n}" for n in range(6))
    with pytest.raises(Refused, match="The database says"):
        reading.look(place, f"SELECT count(*) FROM {wide}", accepted=True)


def test_private_places_are_closed_until_they_are_opened(on_postgres):
    place, _ = on_postgres
    with pytest.raises(Forbidden):
        reading.look(replace(place, allow=()), "SELECT 1")
    for host in ("/tmp", "@socket", "127.0.0.1 port=1", "a?b"):
        with pytest.raises(MaestroError):
            reading.look(replace(place, host=host), "SELECT 1")
    for name in ("x host=/tmp", "postgresql://x", "a;b"):
        with pytest.raises(Refused):
            reading.look(replace(place, database=name), "SELECT 1")


def test_tls_is_never_left_out_silently(on_postgres, on_mariadb):
    for place, _ in (on_postgres, on_mariadb):
        with pytest.raises(Refused, match="SSL|TLS|certificate"):
            reading.look(replace(place, tls="require"), "SELECT 1", accepted=True)


def test_a_file_of_sqlite_is_only_read(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as file:
        file.execute("CREATE TABLE people (id integer PRIMARY KEY, name text, born date)")
        file.execute("INSERT INTO people (name, born) VALUES ('Ann', '2000-01-02'), ('Ben', NULL)")
    place = Place("sqlite", database="shop.db", folders=(str(tmp_path),))
    assert reading.look(place, "SELECT name, born FROM people").rows == [("Ann", "2000-01-02"), ("Ben", None)]
    assert not ask_everything(place, [query for query, _ in QUERIES["refused"]])
    with pytest.raises(Refused):
        reading.look(place, "SELECT * FROM pragma_table_info('people')")
    for name in ("../shop.db", "/etc/passwd", "none.db"):
        with pytest.raises(MaestroError):
            reading.look(replace(place, database=name, folders=(str(tmp_path / "inner"),)), "SELECT 1")


def test_maestros_own_database_is_no_source(sqlite_app, tmp_path):
    place = Place("sqlite", database="maestro.db", folders=(str(tmp_path),))
    with pytest.raises(Refused, match="Maestro itself"):
        reading.look(place, "SELECT * FROM user")
