"""Rows that break importers elsewhere, from files and from databases: the row is named, and the rest goes on."""

import gzip
import sqlite3

import psycopg
import pytest

from maestro.exchange import connections, importers, launching
from maestro.extensions import db
from maestro.warehouse import subscriptions
from tests.exchange.test_importers import ask, go
from tests.parts.shop import HERE, MAPPING, QUERY

pytestmark = pytest.mark.xdist_group("mariadb")
GOOD = [f"p{number}@example.org,P{number},York" for number in range(30)]
HARM = {                                           # a line as bytes: why it cannot be used, or the name that it brings
    b"nul@example.org,N\0ul,York": "null character",
    b"nul\0@example.org,Nul,York": "before the @",
    b'stray@example.org,"Stray" quote,York': "Stray quote",
    b'inch@example.org,5" pipe,York': '5" pipe',
    b"ragged@example.org,Ragged": "2 cells instead of 3",
    b"wide@example.org,Wide,York,more": "4 cells instead of 3",
    b"long@example.org," + b"x" * 10_001 + b",York": "limit is 10,000",
    b"endless@example.org," + b"x" * 4_500_000 + b",York": "characters",
    b"formula@example.org,=1+1,York": "=1+1",
}


@pytest.fixture
def settings(tmp_path):
    return {"EGRESS_ALLOW": (HERE,), "IMPORT_DIR": (str(tmp_path / "sources"),)}


@pytest.mark.parametrize("line", HARM, ids=lambda line: line[:20].decode("ascii", "replace").replace("\0", "0"))
def test_a_hostile_line_of_a_file_is_named_and_the_rest_goes_on(bring_in, found, row, line):
    lines = [b"address,first_name,city", *(good.encode() for good in GOOD)]
    run = bring_in(b"\r\n".join([*lines[:15], line, *lines[15:]]))
    assert run.state == "done", run.problem
    rejected, address = found(run)["rejected"], line.split(b",")[0].decode().replace("\0", "")
    if person := row(address):
        assert person["first_name"] == HARM[line] and not rejected and run.counts["added"] == 31
    else:
        [(number, _, _, why)] = rejected
        assert (number, run.counts["added"]) == ("16", 30) and HARM[line] in why


def test_a_letter_of_another_encoding_is_read_or_named(bring_in, draft, row):
    lines = "\n".join(["address,first_name,city", *GOOD, "umlaut@example.org,Jürg,York"])
    assert bring_in(lines.encode("latin-1")).state == "done"
    assert row("umlaut@example.org")["first_name"] == "Jürg"
    packed = gzip.compress(lines.encode("latin-1"))
    assert bring_in(packed).counts["unchanged"] == 31


def test_a_bomb_is_refused_before_it_is_unpacked(client, world, tmp_path):
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", 6) as file:
        file.writelines([b"address\n", *[b"0" * 1_000_000] * 30])
    client.as_(world.alice)
    with open(path, "rb") as file:
        page = client.post("/admin/imports/new", data={"target": f"l{world.offers.id}", "file": (file, "bomb.gz")})
    assert "grows too large" in page.text


UPDATES = {                                        # what a hostile customer does to himself, by kind of server
    "sqlite": ["UPDATE customers SET first_name = 'N' || char(0) || 'ul' WHERE id = 1",
               "UPDATE customers SET first_name = CAST(x'4afc7267' AS text) WHERE id = 2",
               "UPDATE customers SET first_name = CAST(zeroblob(10001) AS text) WHERE id = 3",
               "UPDATE customers SET born = 'never' WHERE id = 4",
               "UPDATE customers SET first_name = x'4afc7267' WHERE id = 5"],
    "postgresql": ["UPDATE customers SET first_name = repeat('x', 5000000) WHERE id = 3",
                   "UPDATE customers SET born = 'infinity' WHERE id = 4",
                   "UPDATE customers SET born = '0044-03-15 BC' WHERE id = 5"],
    "mysql": ["UPDATE customers SET first_name = concat('N', char(0), 'ul') WHERE id = 1",
              "ALTER TABLE customers MODIFY city varchar(80) CHARACTER SET latin1",
              "UPDATE customers SET city = _latin1 x'4afc7267' WHERE id = 2",
              "UPDATE customers SET first_name = repeat('x', 5000000) WHERE id = 3"],
}
UNUSABLE = {"sqlite": 3, "postgresql": 3, "mysql": 3}                 # Jürg is no city


def test_hostile_rows_of_a_database_are_named_and_the_rest_goes_on(nightly, there, world, row):
    for statement in ["UPDATE customers SET first_name = 'x\"y,''z\\' WHERE id = 9".replace(
            "\\", "" if there.kind == "mysql" else "\\"), *UPDATES[there.kind]]:
        there.run(statement)
    run = go(nightly, world)
    assert run.state == "done", run.problem
    assert (run.counts["rejected"], run.counts["added"]) == (UNUSABLE[there.kind], 100 - UNUSABLE[there.kind])
    assert row("c9@example.org")["first_name"].startswith("x\"y,'z")
    if there.kind == "sqlite":
        assert {row(f"c{number}@example.org")["first_name"] for number in (2, 5)} == {"Jürg"}


def test_whatever_the_source_says_who_left_stays_away(nightly, there, world, row, states):
    go(nightly, world)
    subscriptions.leave(world.offers, row("c7@example.org"), by=None, cause="self")
    db.session.commit()
    for statement in ("UPDATE customers SET city = 'Bristol' WHERE id = 7", "DELETE FROM customers WHERE id = 7",
                      "INSERT INTO customers VALUES (7, 'C7@Example.org', 'C7', 'York', '1990-01-02')",
                      "UPDATE customers SET email = ' c7@example.org ' WHERE id = 7"):
        there.run(statement)
        run = go(nightly, world)
        assert run.state == "done" and run.counts["protected"] == (not statement.startswith("DELETE")), statement
        assert states(world.offers)["c7@example.org"] == "left"


def test_bytes_that_a_database_never_looked_at_are_read(app, world, postgres, row):
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as owner:
        owner.execute("DROP DATABASE IF EXISTS bytes")
        owner.execute("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with psycopg.connect(postgres.url("bytes"), autocommit=True, client_encoding="latin1") as owner:
        owner.execute("CREATE TABLE customers AS SELECT 'umlaut@example.org' AS email, 'J' || chr(252) || 'rg' AS "
                      "first_name, 'York'::varchar AS city, date '1990-01-02' AS born, 1 AS id")
        owner.execute("DO $$ BEGIN CREATE ROLE buyer LOGIN PASSWORD 'reads only'; "
                      "EXCEPTION WHEN duplicate_object THEN END $$")
        owner.execute("GRANT SELECT ON customers TO buyer")
    shop = connections.create(world.group, world.root, name="Bytes", kind="postgresql", host="127.0.0.1",
                              port=postgres.port, database="bytes", username="buyer", password="reads only", tls="none")
    made = importers.create(world.dataset, None, "Bytes", "database", by=world.alice)
    ask(made, shop, QUERY, world)
    importers.set_rules(made, MAPPING, "add", {}, by=world.alice)
    importers.enable(made, by=world.alice)
    assert go(made, world).state == "done"
    assert row("umlaut@example.org")["first_name"] == "Jürg"


def test_a_value_without_end_stops_the_run_whole(app, world, tmp_path):
    (tmp_path / "sources").mkdir()
    with sqlite3.connect(tmp_path / "sources" / "huge.db") as file:
        file.execute("CREATE TABLE customers (email text, first_name text)")
        file.execute("INSERT INTO customers VALUES ('a@example.org', 'Ann'), ('b@example.org', zeroblob(60000000))")
    file.close()
    shop = connections.create(world.group, world.root, name="Huge", kind="sqlite", database="huge.db")
    made = importers.create(world.dataset, None, "Huge", "database", by=world.alice)
    ask(made, shop, "SELECT email, first_name FROM customers LIMIT 1", world)
    made.query = "SELECT email, first_name FROM customers"
    importers.enable(made, by=world.alice)
    run, _ = launching.launch(made, world.alice)
    db.session.commit()
    run = go(made, world)
    assert run.state == "failed" and "too big" in run.problem
