"""Importers from a real database of somebody else: made, launched, run by schedule, and what goes wrong there."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from maestro.exchange import connections, exporters, importers, imports, launching, opening, writebacks
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.models import Change, Erasure, ImportRun, Post, Subscription
from maestro.site import blanking
from maestro.warehouse import erasure, fields, members, publishing, subscriptions, tables, uses
from tests.parts.shop import HERE, QUERY, ask, nightly_of


@pytest.fixture
def settings():
    return {"EGRESS_ALLOW": (HERE,)}


@pytest.fixture
def nightly(shop, world):
    """An enabled importer that synchronises Dave's list with the shop."""
    return nightly_of(shop, world, zone="Europe/Berlin")


def go(importer, world, **options):
    """Launch it and work until it is over."""
    run, _ = launching.launch(importer, world.alice, **options)
    db.session.commit()
    return imports.wait(run.id)


def counts(run):
    return {name: count for name, count in run.counts.items() if count and name not in ("staged", "same", "planned")}


def on_list(list):
    db.session.expire_all()
    return db.session.scalar(select(func.count()).where(
        Subscription.list_id == list.id, Subscription.state == "confirmed"))


def test_a_list_follows_the_database(nightly, world, customers):
    assert counts(go(nightly, world)) == {"added": 60}
    customers.run("UPDATE customers SET city = 'Bristol' WHERE id <= 3")
    customers.run("DELETE FROM customers WHERE id > 58")
    customers.run("INSERT INTO customers (email, first_name) VALUES ('new@example.org', 'New'), ('broken', 'x')")
    run = go(nightly, world)
    assert counts(run) == {"added": 1, "changed": 3, "removed": 2, "unchanged": 55, "rejected": 1}
    assert on_list(world.offers) == 60                     # Dave joined by himself and stays
    assert counts(go(nightly, world)) == {"unchanged": 59, "rejected": 1}
    people = tables.table(world.dataset).c
    row = db.session.execute(select(people.birthday, people.city).where(people.address == "c1@example.org")).one()
    assert (str(row.birthday), row.city) == ("1990-01-02", "Bristol")
    assert [run.state for run in launching.runs(nightly)] == ["done"] * 3


def test_a_night_with_many_people(nightly, world, customers):
    """The size of a real list: nothing is written for who is the same, and everybody ends where the source says."""
    customers.run("INSERT INTO customers (email, first_name, city) SELECT 'm' || n || '@example.org', 'M' || n, 'York' "
                  "FROM generate_series(1, 19940) n")
    assert counts(go(nightly, world)) == {"added": 20_000}
    customers.run("UPDATE customers SET city = 'Bristol' WHERE id % 10 = 0")
    customers.run("DELETE FROM customers WHERE id % 50 = 1")
    customers.run("INSERT INTO customers (email) SELECT 'n' || n || '@example.org' FROM generate_series(1, 200) n")
    run = go(nightly, world)
    assert counts(run) == {"added": 200, "changed": 2000, "removed": 400, "unchanged": 17_600}
    assert db.session.query(Change).filter_by(run_id=run.id).count() == 400 + 2000 + 400
    assert on_list(world.offers) == 19_801


def test_the_life_of_an_importer(shop, world):
    made = importers.create(world.dataset, None, "Members", "database", by=world.alice)
    assert importers.state(made) == "incomplete"
    for verb in (importers.enable, launching.launch):
        with pytest.raises(WrongState, match="incomplete"):
            verb(made, by=world.alice)
    ask(made, shop, QUERY, world)
    assert made.mapping == {"address": "email", "first_name": "first_name", "city": "city"}
    assert importers.state(made) == "disabled"
    with pytest.raises(WrongState, match="disabled"):
        launching.launch(made, by=world.alice)
    assert go(made, world, dry_run=True).state == "staged"
    importers.enable(made, by=world.alice)
    assert importers.state(made) == "enabled" and go(made, world).state == "done"
    ask(made, shop, "SELECT first_name, city FROM customers", world)
    assert importers.state(made) == "incomplete" and not made.enabled


def test_only_one_run_at_a_time_and_one_more_is_noted(nightly, world):
    first, new = launching.launch(nightly, world.alice)
    again, second = launching.launch(nightly, world.alice)
    assert (new, second, again.id) == (True, False, first.id)
    launching.launch(nightly, world.alice)
    db.session.commit()
    imports.wait(first.id)
    launching.settle()
    launching.settle()
    assert len(launching.runs(nightly)) == 2 and launching.runs(nightly)[0].state == "queued"


def test_an_importer_that_cannot_be_launched_keeps_no_other_one_back(nightly, world):
    """One that takes its people from calls has nobody to launch it; it got its schedule long ago."""
    stuck = importers.create(world.dataset, world.offers, "Calls", "post", by=world.alice)
    for one, minutes in ((stuck, 2), (nightly, 1)):
        one.schedule, one.enabled = {"every": "minutes", "minutes": 5}, True
        one.format, one.mapping = nightly.format, nightly.mapping
        one.next_at = clock.now() - timedelta(minutes=minutes)
    db.session.commit()
    launching.launch_due()
    assert [run.importer_id for run in db.session.query(ImportRun)] == [nightly.id]
    assert min(stuck.next_at, nightly.next_at) > clock.now()


def test_a_launch_during_an_undo_is_made_up_for(nightly, world):
    run = go(nightly, world)
    launching.settle()
    imports.undo(run, by=world.alice)
    assert launching.launch(nightly, world.alice) == (run, False)
    db.session.commit()
    assert imports.wait(run.id).state == "undone"
    launching.settle()
    assert launching.last(nightly).id > run.id


def test_a_check_during_a_run_is_no_launch(nightly, world):
    """Somebody who only wants to look must not change anybody afterwards."""
    first, _ = launching.launch(nightly, world.alice)
    with pytest.raises(WrongState, match="is going on"):
        launching.launch(nightly, world.alice, dry_run=True)
    db.session.commit()
    imports.wait(first.id)
    launching.settle()
    assert not nightly.again and len(launching.runs(nightly)) == 1


def test_it_runs_when_its_schedule_says_so_and_once_after_a_pause(nightly, world, turn):
    importers.set_schedule(nightly, {"every": "daily", "at": "02:00"}, "Europe/Berlin", "", by=world.alice)
    db.session.commit()
    launching.launch_due()
    assert not launching.runs(nightly)
    turn(3 * 86_400)
    launching.launch_due()
    launching.launch_due()
    assert len(launching.runs(nightly)) == 1
    importers.disable(nightly, by=world.alice)
    db.session.commit()
    turn(86_400)
    launching.launch_due()
    assert len(launching.runs(nightly)) == 1


@pytest.mark.parametrize("harm, state, said", [
    ("DELETE FROM customers", "needs_review", "The source has no rows."),
    ("DELETE FROM customers WHERE id > 3", "needs_review", "would remove 57 of 61"),
    ("ALTER TABLE customers DROP COLUMN city", "failed", "The database says"),
    ("ALTER TABLE customers ALTER born TYPE text USING 'never'", "failed", "cannot be used"),
    ("REVOKE SELECT ON customers FROM shop", "failed", "permission denied"),
])
def test_a_source_that_is_not_what_it_was_removes_nobody(nightly, world, customers, harm, state, said):
    go(nightly, world)
    customers.run(harm)
    run = go(nightly, world)
    assert run.state == state and said in run.problem, run.problem
    assert on_list(world.offers) == 61
    launching.settle()
    launching.settle()
    [post] = db.session.query(Post).filter_by(kind="import")
    assert post.address == "alice@example.org" and b"Nightly" in post.raw
    assert db.session.query(ImportRun).filter_by(told=False, importer_id=nightly.id).count() == 0


def test_when_nobody_is_named_or_left_the_groups_administrators_hear_of_a_failure(nightly, world, customers):
    importers.set_schedule(nightly, {}, "UTC", "bob@example.org", by="command line")
    assert told(nightly) == {"bob@example.org"}
    world.bob.disabled_at = clock.now()
    assert told(nightly) == {"alice@example.org"}
    importers.set_schedule(nightly, {}, "UTC", "", by="command line")
    customers.run("ALTER TABLE customers DROP COLUMN city")
    go(nightly, world)
    launching.settle()
    assert db.session.query(Post).filter_by(kind="import").one().address == "alice@example.org"


def test_whom_a_query_has_shown_is_erased_from_its_samples_as_well(nightly, shop, world):
    run = go(nightly, world)
    look = opening.example(connections.place(shop), False, QUERY)
    once = imports.ask(world.dataset, world.offers, shop, QUERY, look, by=world.alice)
    assert "sample" not in run.format and "c1@example.org" in str(once.format)
    erasure.erase(world.dataset, members.find(world.dataset, "c1@example.org"), world.alice)
    db.session.commit()
    publishing.publish("UTC")
    blanking.blank_all()
    assert "c1@example.org" not in str(nightly.format) and "c2@example.org" in str(nightly.format)
    assert db.session.query(Erasure).one().sealed              # the draft may name the person as well
    imports.cancel(once, by=world.alice)
    db.session.commit()
    blanking.blank_all()
    db.session.refresh(once)
    assert (once.format, db.session.query(Erasure).one().sealed) == ({}, None)
    once.format = {"sample": {"rows": [["c1@example.org"]]}}   # as an earlier version left a run whose files are gone
    assert imports.erase(world.dataset.id, {"c1@example.org"}) and once.format == {}
    run = go(nightly, world)
    assert (run.state, run.counts["protected"], run.counts["unchanged"]) == ("done", 1, 59)


def told(importer):
    db.session.flush()
    return {user.email for user in launching.users_told(importer)}


def test_people_who_come_by_calls_come_by_no_schedule(world):
    calls = importers.create(world.dataset, world.offers, "Calls", "post", by=world.alice)
    with pytest.raises(Refused, match="cannot start by itself"):
        importers.set_schedule(calls, {"every": "daily", "at": "02:00"}, "UTC", "", by=world.alice)
    importers.set_schedule(calls, {}, "UTC", "", by=world.alice)


def test_a_column_that_is_called_otherwise_stops_the_run(nightly, world, shop, customers):
    nightly.query = "SELECT email AS mail, first_name, city, born FROM customers"
    db.session.commit()
    run = go(nightly, world)
    assert run.state == "failed" and "no column “email” any more" in run.problem


def test_who_left_by_choice_stays_away_every_night(nightly, world, customers):
    go(nightly, world)
    people = tables.table(world.dataset)
    row = db.session.execute(select(people).where(people.c.address == "c5@example.org")).mappings().one()
    subscriptions.leave(world.offers, row, by=None, cause="self")
    db.session.commit()
    assert counts(go(nightly, world)) == {"protected": 1, "unchanged": 59}


def test_texts_are_changed_on_their_way(shop, world, customers):
    made = importers.create(world.dataset, None, "Members", "database", by=world.alice)
    ask(made, shop, "SELECT '  ' || upper(email) AS email, 'ann marie' AS name, 'BRS' AS place, '31/12/1999' AS born "
                    "FROM customers WHERE id < 3", world)
    change = {"address": {"case": "lower"}, "first_name": {"case": "title"}, "city": {"map": {"BRS": "Bristol"}},
              "birthday": {"date": "%d/%m/%Y"}}
    importers.set_rules(made, {"address": "email", "first_name": "name", "city": "place", "birthday": "born"},
                        "add-update", {"change": change}, by=world.alice)
    importers.enable(made, by=world.alice)
    assert go(made, world).state == "done"
    people = tables.table(world.dataset).c
    row = db.session.execute(select(people).where(people.address == "c1@example.org")).one()
    assert (row.first_name, row.city, str(row.birthday)) == ("Ann Marie", "Bristol", "1999-12-31")
    importers.set_rules(made, {"address": "email"}, "add-update", {"change": {"city": {"constant": "York"}}},
                        by=world.alice)
    assert counts(go(made, world)) == {"changed": 2}


def test_names_addresses_and_schedules_are_judged(nightly, world):
    with pytest.raises(Refused, match="already"):
        importers.create(world.dataset, None, "nightly", "database", by=world.alice)
    with pytest.raises(Refused, match="no user of this group"):
        importers.set_schedule(nightly, {}, "UTC", "carol@example.org", by=world.alice)
    with pytest.raises(Refused, match="never comes"):
        importers.set_schedule(nightly, {"every": "cron", "cron": "0 0 31 2 *"}, "UTC", "", by=world.alice)


def test_what_brings_people_in_goes_with_its_list_and_dataset(client, nightly, world, shop):
    go(nightly, world)
    members_of = world.dataset.id
    client.as_(world.alice)
    client.post(f"/admin/lists/{world.offers.id}/remove")
    assert db.session.query(ImportRun).count() == 1          # there are people on it: nothing went
    db.session.execute(Subscription.__table__.delete())
    db.session.commit()
    client.post(f"/admin/lists/{world.offers.id}/remove")
    assert not db.session.query(ImportRun).count() and not db.session.query(importers.Importer).count()
    importers.create(world.dataset, None, "Members", "upload", by=world.alice)
    db.session.execute(tables.table(world.dataset).delete())
    db.session.commit()
    assert client.post(f"/admin/datasets/{members_of}/remove").location == "/admin/datasets"


def test_a_field_that_is_gone_is_missed_by_no_importer_and_no_exporter(nightly, world, customers):
    city = next(field for field in world.dataset.fields if field.name == "city")
    importers.set_rules(nightly, nightly.mapping, "synchronise", {"change": {"city": {"map": {"YRK": "York"}}}},
                        by=world.alice)
    whole = exporters.create(world.dataset, None, "Cities", by=world.alice, columns=["first_name", "city"])
    alone = exporters.create(world.dataset, None, "City", by=world.alice, columns=["city"])
    assert uses.of(world.dataset, city) == [
        "The importer “Nightly” fills it.", "The exporter “Cities” names it.", "The exporter “City” names it."]
    fields.remove(world.dataset, city, by="test")
    fields.create(world.dataset, "City", "text", by="test", name="city")
    db.session.commit()
    customers.run("ALTER TABLE customers DROP city")
    nightly.query = QUERY.replace("city, ", "")
    db.session.commit()
    run = go(nightly, world)
    assert (run.state, counts(run)) == ("done", {"added": 60})
    for exporter, said in ((whole, "first_name\r\nDave\r\n"), (alone, "address\r\ndave@example.org\r\n")):
        assert b"".join(exporters.run(exporter).chunks).decode().startswith(said)


def test_a_field_that_is_written_back_stays(shop, world):
    city = next(field for field in world.dataset.fields if field.name == "city")
    shop.may_write = True
    made = writebacks.create(shop, world.dataset, world.offers, by=world.alice)
    writebacks.set_statements(made, {"profile": "UPDATE a SET city = :city WHERE email = :address"}, "source",
                              by=world.alice)
    with pytest.raises(Refused, match="The write-back of “Offers” to “Shop” writes this field"):
        fields.remove(world.dataset, city, by="test")
    writebacks.set_statements(made, {"profile": "UPDATE a SET city = '' WHERE email = :address"}, "source",
                              by=world.alice)
    fields.remove(world.dataset, city, by="test")
