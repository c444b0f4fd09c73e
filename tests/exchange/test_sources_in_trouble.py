"""A database that breaks off, is emptied, changes or never answers: nobody is removed, and the run says why."""

import threading

import pytest

from maestro.exchange import imports, launching
from maestro.extensions import db
from maestro.lib.foreign import reading
from maestro.models import ImportRun
from tests.exchange.test_importers import go, on_list
from tests.parts.shop import HERE
from tests.parts.shops import KINDS
from tests.parts.waiting import until

pytestmark = pytest.mark.xdist_group("mariadb")
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
              "SELECT max(i) || '@example.org' AS email FROM n",
    "postgresql": "SELECT count(*) || '@example.org' AS email FROM generate_series(1, 100000000000) n",
    "mysql": "SELECT concat(count(*), '@example.org') AS email FROM seq_1_to_100000000000",
}


@pytest.fixture
def settings(tmp_path):
    return {"EGRESS_ALLOW": (HERE,), "IMPORT_DIR": (str(tmp_path / "sources"),)}


def test_a_source_that_dies_while_it_is_read_removes_nobody(nightly, world, there):
    there.fill(101, 9000)
    go(nightly, world)
    break_off(there)
    run = go(nightly, world)
    assert run.state == "failed" and "database says" in run.problem, run.problem
    assert on_list(world.offers) == 9001


def break_off(there):
    """Of a server the line is cut in the midst of its answer; of a file, half of it is overwritten."""
    if there.kind != "sqlite":
        return there.wire.cut(after=200_000)
    [(_, _, path)] = there.run("PRAGMA database_list")
    with open(path, "r+b") as file:
        file.seek(100_000)
        file.write(b"\xff" * 200_000)
    return None


@pytest.mark.parametrize("harm, state, said", [
    ("DELETE FROM customers", "needs_review", "The source has no rows."),
    ("DELETE FROM customers WHERE id > 5", "needs_review", "would remove 95 of 101"),
    ("ALTER TABLE customers DROP COLUMN city", "failed", "The database says"),
    ("UPDATE customers SET first_name = NULL, city = 'Atlantis'", "failed", "cannot be used"),
    ("UPDATE customers SET email = first_name", "failed", "cannot be used"),
    ("DROP TABLE customers", "failed", "The database says"),
])
def test_a_source_that_is_not_what_it_was_removes_nobody(nightly, world, there, harm, state, said):
    assert go(nightly, world).counts["added"] == 100
    there.run(harm)
    run = go(nightly, world)
    assert run.state == state and said in run.problem, run.problem
    assert on_list(world.offers) == 101
    launching.settle()
    assert db.session.query(ImportRun).filter_by(told=False).count() == 0


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_column_of_another_type_stops_the_run(nightly, world, there):
    go(nightly, world)
    there.run({"postgresql": "ALTER TABLE customers ALTER born TYPE text USING 'never'",
               "mysql": "ALTER TABLE customers MODIFY born text"}[there.kind])
    there.run("UPDATE customers SET born = 'never'")
    run = go(nightly, world)
    assert run.state == "failed" and "cannot be used" in run.problem, run.problem
    assert on_list(world.offers) == 101


def test_more_rows_than_anybody_has_stop_the_run(nightly, world, monkeypatch):
    go(nightly, world)
    monkeypatch.setattr(reading, "ROWS", 99)
    run = go(nightly, world)
    assert run.state == "failed" and "more than 99 rows" in run.problem, run.problem
    assert on_list(world.offers) == 101


def test_a_query_without_end_is_ended_over_there_when_its_run_is_cancelled(app, nightly, world, there):
    nightly.query, nightly.mapping, nightly.mode = ENDLESS[there.kind], {"address": "email"}, "add"
    run, _ = launching.launch(nightly, world.alice)
    db.session.commit()

    def work():
        with app.app_context():
            imports.wait(run.id)
    worker = threading.Thread(target=work)
    worker.start()
    until(lambda: imports.load(run.id).state == "fetching" and working(there), 20)
    imports.cancel(imports.load(run.id), by=world.alice)
    db.session.commit()
    worker.join(20)
    assert not worker.is_alive()
    assert imports.load(run.id).state == "cancelled"
    until(lambda: there.kind == "sqlite" or not working(there), 20)


def working(there):
    """Whether the other database is at work on the query; a file has nobody who would know."""
    if there.kind == "postgresql":
        return there.run("SELECT 1 FROM pg_stat_activity WHERE usename = 'buyer' AND state = 'active'")
    if there.kind == "mysql":
        return there.run("SELECT 1 FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%seq_1%'")
    return True


def test_all_kinds_that_can_be_tried_live_are_tried():
    assert set(KINDS) <= set(reading.KINDS)
