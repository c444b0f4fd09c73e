"""A shop's PostgreSQL database with customers, an account that may only read it, and the connection to it."""

from types import SimpleNamespace

import psycopg
import pytest

from maestro.exchange import connections, importers, opening
from maestro.extensions import db

HERE = "db=127.0.0.0/8"          # what MAESTRO_EGRESS_ALLOW says of databases on loopback
QUERY = "SELECT email, first_name, city, born FROM customers ORDER BY id"
MAPPING = {"address": "email", "first_name": "first_name", "city": "city", "birthday": "born"}


def nightly_of(connection, world, **settings):
    """An enabled importer that synchronises Dave's list with a shop."""
    made = importers.create(world.dataset, world.offers, "Nightly", "database", by=world.alice, **settings)
    ask(made, connection, QUERY, world)
    importers.set_rules(made, MAPPING, "synchronise", {}, by=world.alice)
    importers.enable(made, by=world.alice)
    db.session.commit()
    return made


def ask(importer, connection, query, world):
    look = opening.example(connections.place(connection), False, query)
    importers.set_query(importer, connection, query, look, by=world.alice)


@pytest.fixture
def customers(postgres):
    """The database of a shop, with an account `shop` that may only read."""
    url = postgres.create()
    with psycopg.connect(url, autocommit=True) as there:
        there.execute("CREATE TABLE customers (id serial PRIMARY KEY, number text, email text, first_name text, "
                      "city text, born date)")
        there.execute("DO $$ BEGIN CREATE ROLE shop LOGIN PASSWORD 'reads only'; "
                      "EXCEPTION WHEN duplicate_object THEN END $$")
        there.execute("GRANT SELECT ON customers TO shop")
        there.execute("INSERT INTO customers (number, email, first_name, city, born) SELECT 'C' || n, 'c' || n || "
                      "'@example.org', 'C' || n, 'York', date '1990-01-01' + n FROM generate_series(1, 60) n")
        yield SimpleNamespace(run=there.execute, port=postgres.port, name=url.partition("@/")[2].partition("?")[0])


@pytest.fixture
def shop(app, world, customers):
    """The connection to it."""
    found = connections.create(
        world.group, world.root, name="Shop", kind="postgresql", host="127.0.0.1", port=customers.port,
        database=customers.name, username="shop", password="reads only", tls="none")
    db.session.commit()
    return found
