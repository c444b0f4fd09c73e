"""Write-back into real databases: what goes there and in which order, conflicts, failing statements, and crashes."""

import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import update

from maestro.exchange import connections, importers, imports, launching, opening, writebacks, writing
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.models import Conflict, ImportRun, Lease, Post, WriteBack
from maestro.warehouse import fields, keys, lists, members, publishing, subscriptions
from tests.conftest import postgres_copy, sqlite_copy
from tests.parts.maestro import ROOT, outside
from tests.parts.mariadb import PASSWORD
from tests.parts.shop import HERE

pytestmark = pytest.mark.xdist_group("mariadb")
MADE = ("CREATE TABLE people (email varchar(320) PRIMARY KEY, first_name varchar(80), city varchar(80), "
        "subscribed integer NOT NULL DEFAULT 1, changed_at timestamp NULL)")
STATEMENTS = {
    "look": "SELECT first_name, city, changed_at FROM people WHERE email = :address",
    "join": "INSERT INTO people (email, first_name, city) VALUES (:address, :first_name, :city)",
    "leave": "UPDATE people SET subscribed = 0 WHERE email = :address",
    "address": "UPDATE people SET email = :address WHERE email = :old_address",
    "profile": "UPDATE people SET first_name = :first_name, city = :city WHERE email = :address",
}


@pytest.fixture
def settings():
    return {"EGRESS_ALLOW": (HERE,)}


@pytest.fixture(params=["postgresql", "mysql"])
def kind(request):
    return request.param


@pytest.fixture
def database(request, kind, tmp_path):
    """The application runs on PostgreSQL beside a source on PostgreSQL, and on SQLite beside MariaDB."""
    return (postgres_copy if kind == "postgresql" else sqlite_copy)(request, tmp_path)


@pytest.fixture
def there(request, kind):
    """The other database: `run(statement)` as its owner, and where it is."""
    return (there_on_postgres if kind == "postgresql" else there_on_mariadb)(request)


def there_on_postgres(request):
    server = request.getfixturevalue("postgres")
    url = server.create()
    owner = psycopg.connect(url, autocommit=True)
    request.addfinalizer(owner.close)
    owner.execute("DO $$ BEGIN CREATE ROLE clerk LOGIN PASSWORD 'writes'; EXCEPTION WHEN duplicate_object THEN END $$")
    owner.execute(MADE)
    owner.execute("GRANT CREATE ON SCHEMA public TO clerk")
    owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON people TO clerk")
    return SimpleNamespace(
        run=lambda statement: (cursor := owner.execute(statement)) and cursor.description and cursor.fetchall(),
        port=server.port, username="clerk", password="writes", database=url.partition("@/")[2].partition("?")[0])


def there_on_mariadb(request):
    server = request.getfixturevalue("mariadb")
    name = server.create()
    server.run(MADE)

    def run(statement):
        server.root.select_db(name)
        return [tuple(row) for row in server.run(statement)]
    return SimpleNamespace(run=run, port=server.port, username="writer", password=PASSWORD, database=name)


@pytest.fixture
def shop(app, world, there, kind):
    found = connections.create(
        world.group, world.root, name="Shop", kind=kind, host="127.0.0.1", port=there.port, database=there.database,
        username=there.username, password=there.password, tls="none", may_write=True)
    db.session.commit()
    return found


@pytest.fixture
def writeback(shop, world):
    """An enabled write-back of Dave's list."""
    publish()
    made = writebacks.create(shop, world.dataset, world.offers, by=world.alice)
    writebacks.set_statements(made, STATEMENTS, "source", by=world.alice)
    writebacks.enable(made, by=world.alice)
    db.session.commit()
    return made


def publish():
    db.session.commit()
    publishing.publish("UTC")


def go(writeback):
    publish()
    done = writing.run_writeback(writeback.id)
    db.session.expire_all()
    return done


def rows(there, columns="email, first_name, city, subscribed"):
    return sorted(tuple(row) for row in there.run(f"SELECT {columns} FROM people"))


def add(world, address, **values):
    row = members.add(world.dataset, address, values, by="test")
    subscriptions.join(world.offers, row, by="test")
    return row


def test_changes_go_there_in_their_order(writeback, there, world):
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    add(world, "ben@example.org", first_name="Ben")
    members.add(world.dataset, "not.on.list@example.org", {}, by="test")
    ann = members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    members.change(world.dataset, ann, {}, by=None, cause="self", address="anna@example.org")
    subscriptions.leave(world.offers, members.find(world.dataset, "ben@example.org"), by=None, cause="self")
    assert go(writeback)
    assert rows(there) == [("anna@example.org", "Ann", "Bristol", 1), ("ben@example.org", "Ben", None, 0)]
    assert writeback.counts["conflicts"] == 0 and not writebacks.count_waiting(writeback)
    assert go(writeback) and rows(there, "count(*)") == [(2,)]
    assert there.run("SELECT seq FROM maestro_cursor")[0][0] == writeback.cursor


@pytest.mark.parametrize("go_away", [
    lambda world, ann: subscriptions.leave(world.offers, ann, by=None, cause="self"),
    lambda world, ann: members.remove(world.dataset, ann, by=None, cause="self"),
    lambda world, ann: members.remove(world.dataset, ann, by=world.alice)])
def test_a_new_address_goes_there_though_its_owner_has_left_since(writeback, there, world, go_away):
    ann, ben = add(world, "ann@example.org"), members.add(world.dataset, "ben@example.org", {}, by="test")
    there.run("INSERT INTO people (email) VALUES ('ben@example.org')")
    assert go(writeback)
    members.change(world.dataset, ben, {}, by=None, cause="self", address="never.on.the.list@example.org")
    ann = members.change(world.dataset, ann, {}, by=None, cause="self", address="anna@example.org")
    go_away(world, ann)
    assert go(writeback)
    assert rows(there, "email, subscribed") == [("anna@example.org", 0), ("ben@example.org", 1)]


def test_a_failing_statement_stops_at_its_change_and_goes_on_from_there(writeback, there, world, work):
    there.run("INSERT INTO people (email) VALUES ('ben@example.org')")
    for name in ("ann", "ben", "cara"):
        add(world, f"{name}@example.org")
    assert not go(writeback)
    assert [row[0] for row in rows(there)] == ["ann@example.org", "ben@example.org"]
    assert "The database says" in writeback.problem and writebacks.count_waiting(writeback) == 3
    assert db.session.query(Post).filter_by(kind="writeback").one().address == "alice@example.org"
    assert not go(writeback) and db.session.query(Post).filter_by(kind="writeback").count() == 1
    there.run("DELETE FROM people WHERE email = 'ben@example.org'")
    assert go(writeback) and len(rows(there)) == 3 and not writeback.problem


@pytest.mark.parametrize("maker", ["disabled", "nobody"])
def test_the_managers_hear_of_one_that_stands_still_whose_maker_is_gone(writeback, there, world, maker):
    there.run("INSERT INTO people (email) VALUES ('ben@example.org')")
    add(world, "ben@example.org")
    writeback.user_id = world.bob.id if maker == "disabled" else None
    world.bob.disabled_at = clock.now()
    assert not go(writeback)
    assert [post.address for post in db.session.query(Post).filter_by(kind="writeback")] == ["alice@example.org"]


def test_a_change_that_cannot_go_there_is_passed_over_by_a_person(writeback, there, world):
    with pytest.raises(WrongState):
        writebacks.skip(writeback, by=world.alice)
    there.run("INSERT INTO people (email) VALUES ('ann@example.org')")
    add(world, "ann@example.org")
    add(world, "ben@example.org")
    go(writeback)
    for _ in range(2):                             # the dataset's line is in the way first, then the list's
        if writeback.problem:
            writebacks.skip(writeback, by=world.alice)
            go(writeback)
    assert [row[0] for row in rows(there)] == ["ann@example.org", "ben@example.org"]


@pytest.mark.parametrize("rule, city, winner", [("source", "Paris", "source"), ("maestro", "Bristol", "maestro"),
                                                ("newest", "Bristol", "maestro")])
def test_who_wins_where_both_changed(writeback, there, world, rule, city, winner):
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    go(writeback)
    writebacks.set_statements(writeback, STATEMENTS, rule, by=world.alice)
    there.run("UPDATE people SET city = 'Paris', first_name = 'Anna', changed_at = '2020-01-01 00:00:00'")
    members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    assert go(writeback)
    assert rows(there) == [("ann@example.org", "Anna", city, 1)]       # what we did not change is left as it is
    found = db.session.query(Conflict).one()
    assert (found.field, found.before, found.ours, found.theirs, found.winner) == (
        "city", "York", "Bristol", "Paris", winner)
    assert writeback.counts["conflicts"] == 1


def test_what_an_import_reads_alike_is_no_conflict(writeback, there, world, shop):
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    assert go(writeback)
    made = nightly(world, shop, world.offers)
    importers.set_rules(made, made.mapping, "synchronise", {"change": {"city": {"map": {"YRK": "York"}}}},
                        by=world.alice)
    there.run("UPDATE people SET first_name = 'Ann  ', city = 'YRK'")
    members.change(world.dataset, ann, {"first_name": "Anna", "city": "Bristol"}, by=None, cause="self")
    assert go(writeback) and not db.session.query(Conflict).count()
    assert rows(there) == [("ann@example.org", "Anna", "Bristol", 1)]


def test_newer_there_wins_by_the_rule_newest(writeback, there, world):
    ann = add(world, "ann@example.org", city="York")
    go(writeback)
    writebacks.set_statements(writeback, STATEMENTS, "newest", by=world.alice)
    there.run("UPDATE people SET city = 'Paris', changed_at = '2037-01-01 00:00:00'")
    members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    go(writeback)
    assert rows(there, "city") == [("Paris",)] and db.session.query(Conflict).one().winner == "source"


@pytest.fixture
def far_away(request, there, kind):
    """The other database keeps the time of Tokyo, in columns that know their zone."""
    if kind == "postgresql":
        there.run("ALTER TABLE people ALTER changed_at TYPE timestamptz")
        there.run(f"ALTER DATABASE {there.database} SET timezone = 'Asia/Tokyo'")
        return "extract(epoch FROM now() - changed_at)"
    request.addfinalizer(lambda: there.run("SET GLOBAL time_zone = SYSTEM"))
    there.run("SET GLOBAL time_zone = '+09:00'")
    return "timestampdiff(second, changed_at, now())"


def test_a_time_is_the_same_moment_on_both_sides(writeback, there, world, far_away):
    writebacks.set_statements(writeback, STATEMENTS | {
        "profile": "UPDATE people SET city = :city, changed_at = :changed_at WHERE email = :address"}, "newest",
        by=world.alice)
    ann = add(world, "ann@example.org", city="York")
    assert go(writeback)
    there.run("UPDATE people SET city = 'Paris', changed_at = now() - interval '60' minute")
    members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    assert go(writeback) and db.session.query(Conflict).one().winner == "maestro"
    assert -60 < rows(there, far_away)[0][0] < 600


@pytest.mark.parametrize("kept_there", [True, False])
def test_killed_between_the_two_commits_nothing_is_done_twice(writeback, there, world, config, kept_there):
    """The process dies when the other side has committed and we have not; meanwhile people go on living."""
    there.run("ALTER TABLE people ADD times integer NOT NULL DEFAULT 0")
    once = "SELECT :address, :first_name, :city FROM (SELECT 1 AS one) AS this WHERE NOT EXISTS (" \
           "SELECT 1 FROM people WHERE email = :address)"
    writebacks.set_statements(writeback, STATEMENTS | {
        "join": f"INSERT INTO people (email, first_name, city) {once}",
        "profile": STATEMENTS["profile"].replace("SET", "SET times = times + 1,")}, "source", by=world.alice)
    writeback.foreign_cursor = kept_there
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    go(writeback)
    cursor = writeback.cursor
    for city in ("Bristol", "York", "Bristol"):
        ann = members.change(world.dataset, ann, {"city": city}, by=None, cause="self")
    ann = members.change(world.dataset, ann, {"first_name": "Anna"}, by=None, cause="self")
    add(world, "ben@example.org", city="York")
    publish()
    assert killed(config, writeback) == -9
    db.session.expire_all()
    assert rows(there) == [("ann@example.org", "Anna", "Bristol", 1), ("ben@example.org", None, "York", 1)]
    assert writeback.cursor == cursor and there.run("SELECT max(times) FROM people")[0][0] == 4
    ann = members.change(world.dataset, ann, {"first_name": "Annie"}, by=None, cause="self")
    members.change(world.dataset, ann, {}, by=None, cause="self", address="annie@example.org")
    db.session.execute(update(Lease).values(until=0))         # the dead one's lease, as two minutes would
    assert go(writeback), writeback.problem
    assert not writebacks.count_waiting(writeback)
    assert rows(there) == [("annie@example.org", "Annie", "Bristol", 1), ("ben@example.org", None, "York", 1)]
    assert db.session.query(Conflict).count() == 0
    assert there.run("SELECT max(times) FROM people")[0][0] == (5 if kept_there else 9)


def killed(config, writeback):
    """How the shipped command ends when it dies right after the commit over there."""
    settings = {"DATA": config.DATA, "DATABASE_URL": config.DATABASE_URL, "REDIS_URL": config.REDIS_URL,
                "SECRET_KEY": config.SECRET_KEY, "EGRESS_ALLOW": HERE, "CRASH_AT": "written_back:1"}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "writeback-run", str(writeback.id)], cwd=ROOT, timeout=120,
        env=outside() | {f"MAESTRO_{name}": str(value) for name, value in settings.items() if value}).returncode


def test_many_changes_between_two_runs_are_no_conflict(writeback, there, world):
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    go(writeback)
    for name in ("Anna", "Annie", "Anne"):
        ann = members.change(world.dataset, ann, {"first_name": name}, by=None, cause="self")
    assert go(writeback) and db.session.query(Conflict).count() == 0
    assert rows(there) == [("ann@example.org", "Anne", "York", 1)]


def nightly(world, shop, list):
    """An enabled importer of everybody over there."""
    made = importers.create(world.dataset, list, "Nightly", "database", by=world.alice)
    query = "SELECT email, first_name, city FROM people WHERE subscribed = 1"
    importers.set_query(made, shop, query, opening.example(connections.place(shop), False, query), by=world.alice)
    importers.set_rules(made, {"address": "email", "first_name": "first_name", "city": "city"}, "synchronise", {},
                        by=world.alice)
    importers.enable(made, by=world.alice)
    return made


def launched(importer, world):
    """A run of it at its end."""
    run, _ = launching.launch(importer, world.alice)
    db.session.commit()
    return imports.wait(run.id)


def test_an_address_that_is_changed_while_the_source_is_read_stays(writeback, there, world, shop):
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'Ann', 'York')")
    made = nightly(world, shop, world.offers)
    assert launched(made, world).counts["added"] == 1
    run, _ = launching.launch(made, world.alice, dry_run=True)
    db.session.commit()
    assert imports.wait(run.id).state == "staged"
    ann = members.find(world.dataset, "ann@example.org")
    members.change(world.dataset, ann, {}, by=None, cause="self", address="anna@example.org")
    imports.apply(db.session.get(ImportRun, run.id), by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert (run.state, run.counts["added"], run.counts["removed"]) == ("done", 0, 0)
    assert subscriptions.is_on(world.offers, members.find(world.dataset, "anna@example.org"))
    assert go(writeback) and rows(there, "email") == [("anna@example.org",)]


def test_what_an_import_of_the_source_brings_is_not_echoed_and_our_changes_go_first(writeback, there, world, shop):
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'Ann', 'York')")
    night = partial(launched, nightly(world, shop, world.offers), world)
    assert night().counts["added"] == 1
    assert go(writeback) and writeback.counts.get("written", 0) == 0
    ann = members.find(world.dataset, "ann@example.org")
    members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    run = night()                                  # the source has York: it hears of Bristol before it is read
    assert (run.state, run.counts["changed"]) == ("done", 0)
    assert rows(there, "city") == [("Bristol",)]
    there.run("UPDATE people SET city = 'York'")
    assert night().counts["changed"] == 1          # now the source has changed it, and nobody here since
    writebacks.set_statements(writeback, {"leave": "UPDATE nowhere SET x = 1 WHERE email = :address"}, "source",
                              by=world.alice)
    subscriptions.leave(world.offers, ann, by=None, cause="self")
    run = night()
    assert run.state == "failed" and "stands still" in db.session.get(ImportRun, run.id).problem


def reader(world, shop, there):
    """A second connection to the same database, which may not write."""
    found = connections.create(
        world.group, world.root, name="Shop to read", kind=shop.kind, host="127.0.0.1", port=there.port, tls="none",
        database=there.database, username=there.username, password=there.password)
    db.session.commit()
    return found


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("target", ["Offers", "News", None])
def test_a_database_is_one_source_by_whatever_connection_and_into_whatever_list_it_is_read(
        writeback, there, world, shop, target, again):
    ann = add(world, "ann@example.org", first_name="Ann", city="York")
    list = target and (world.offers if target == "Offers" else lists.create(world.dataset, target, by=world.alice))
    made = nightly(world, reader(world, shop, there) if again else shop, list)
    assert go(writeback)
    there.run("UPDATE people SET first_name = 'Anna'")
    launched(made, world)
    assert go(writeback) and writeback.counts["written"] == 1 and rows(there, "first_name") == [("Anna",)]
    members.change(world.dataset, members.get(world.dataset, ann["id"]), {"first_name": "Annie"}, by=None, cause="self")
    assert launched(made, world).counts["changed"] == 0
    assert rows(there, "first_name") == [("Annie",)]
    assert members.get(world.dataset, ann["id"])["first_name"] == "Annie"


def test_who_is_not_on_the_list_of_the_write_back_keeps_what_he_changed_himself(writeback, there, world, shop):
    there.run("INSERT INTO people (email, first_name) VALUES ('ann@example.org', 'Ann')")
    ann = members.add(world.dataset, "ann@example.org", {"first_name": "Ann"}, by="test")
    made = nightly(world, shop, None)
    importers.set_rules(made, made.mapping, "synchronise", {"overwrite": False}, by=world.alice)
    members.change(world.dataset, ann, {"first_name": "Annie"}, by=None, cause="self")
    assert go(writeback) and launched(made, world).state == "done"
    assert members.get(world.dataset, ann["id"])["first_name"] == "Annie"


def test_what_is_not_written_back_stays_as_its_subscriber_made_it(writeback, there, world, shop):
    """The write-back tells of new addresses and cities, not of names."""
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'Ann', 'York')")
    made = nightly(world, shop, world.offers)
    importers.set_rules(made, made.mapping, "synchronise", {"overwrite": False}, by=world.alice)
    launched(made, world)
    profile = "UPDATE people SET city = :city WHERE email = :address"
    writebacks.set_statements(writeback, {"profile": profile, "address": STATEMENTS["address"]}, "source",
                              by=world.alice)
    ann = members.find(world.dataset, "ann@example.org")
    members.change(world.dataset, ann, {"first_name": "Annie", "city": "Bristol"}, by=None, cause="self",
                   address="annie@example.org")
    assert go(writeback) and rows(there, "email, city") == [("annie@example.org", "Bristol")]
    there.run("UPDATE people SET city = 'York'")
    run = launched(made, world)
    assert run.options["carried"] == ["address", "city"]
    ann = members.find(world.dataset, "annie@example.org")
    assert (ann["first_name"], ann["city"]) == ("Annie", "York")


def test_an_address_that_was_written_back_follows_the_source_again(writeback, there, world, shop):
    """Known by his number: Ann chose an address, the source heard of it, and has another one since."""
    fields.create(world.dataset, "Number", "text", by="test", name="customer")
    keys.choose(world.dataset, "customer", by="test")
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'A1', 'York')")
    made = importers.create(world.dataset, world.offers, "Nightly", "database", by=world.alice)
    query = "SELECT email, first_name FROM people"
    importers.set_query(made, shop, query, opening.example(connections.place(shop), False, query), by=world.alice)
    importers.set_rules(made, {"address": "email", "customer": "first_name"}, "add-update",
                        {"overwrite": False, "key": "customer"}, by=world.alice)
    importers.enable(made, by=world.alice)
    writebacks.set_statements(writeback, {"address": STATEMENTS["address"]}, "source", by=world.alice)
    launched(made, world)
    ann = members.find(world.dataset, "ann@example.org")
    members.change(world.dataset, ann, {}, by=None, cause="self", address="anna@example.org")
    launched(made, world)
    assert rows(there, "email") == [("anna@example.org",)]
    there.run("UPDATE people SET email = 'office@example.org'")
    assert launched(made, world).counts["changed"] == 1
    assert members.get(world.dataset, ann["id"])["address"] == "office@example.org"


@pytest.mark.parametrize("gone", [True, False])
def test_a_run_of_a_connection_that_is_gone_or_leads_elsewhere_is_not_echoed(writeback, there, world, shop, gone):
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'Ann', 'York')")
    read = reader(world, shop, there)
    made = nightly(world, read, world.offers)
    assert launched(made, world).counts["added"] == 1
    if gone:
        importers.remove(made, by=world.alice)
        connections.remove(read, by=world.alice)
    else:
        connections.change(read, world.root, database="elsewhere")
    assert go(writeback) and writeback.counts["written"] == 0


def test_an_importer_waits_for_a_write_back_that_is_at_work_or_has_just_died(writeback, there, world, shop, turn):
    there.run("INSERT INTO people (email, first_name, city) VALUES ('ann@example.org', 'Ann', 'York')")
    run, _ = launching.launch(nightly(world, shop, world.offers), world.alice)
    db.session.add(Lease(name=f"writeback-{writeback.id}", owner="another process", until=1e12))
    db.session.commit()
    imports.run_import(run.id)
    assert imports.load(run.id).state == "fetching" and not imports.load(run.id).problem
    db.session.execute(update(Lease).values(until=0))
    db.session.commit()
    turn(3)
    assert imports.wait(run.id).state == "done"


@pytest.mark.parametrize("statements, said", [
    ({"join": "DROP TABLE people"}, "Begin with"), ({"look": "DELETE FROM a"}, "Only a SELECT"),
    ({"join": "INSERT INTO a VALUES (1); DELETE FROM a"}, "one statement"),
    ({"join": "INSERT INTO a VALUES (:surname)"}, "no parameter :surname")])
def test_statements_are_judged(writeback, world, statements, said):
    with pytest.raises(Refused, match=said):
        writebacks.set_statements(writeback, statements, "source", by=world.alice)


def test_only_a_connection_that_may_write_is_written_to(writeback, world, shop):
    with pytest.raises(Refused, match="already"):
        writebacks.create(shop, world.dataset, world.offers, by=world.alice)
    shop.may_write = False
    with pytest.raises(Refused, match="allows"):
        writebacks.create(shop, world.dataset, None, by=world.alice)
    with pytest.raises(WrongState):
        writebacks.enable(writeback, by=world.alice)
    assert db.session.query(WriteBack).count() == 1
