"""Write-backs through the door: made, worded, tried, turned on, and what they show."""

import sqlite3

import pytest

from maestro.exchange import connections, writebacks
from maestro.extensions import db
from maestro.models import Conflict, WriteBack
from maestro.warehouse import members, publishing, subscriptions


@pytest.fixture
def settings(tmp_path):
    return {"IMPORT_DIR": (str(tmp_path / "open"),)}


@pytest.fixture
def shop(app, world, tmp_path):
    """A shop's file of SQLite that may be written to."""
    (tmp_path / "open").mkdir()
    with sqlite3.connect(tmp_path / "open" / "shop.db") as file:
        file.execute("CREATE TABLE customers (email text PRIMARY KEY, city text)")
    found = connections.create(world.group, world.root, name="Shop", kind="sqlite", database="shop.db", may_write=True)
    db.session.commit()
    return found


def customers(tmp_path):
    with sqlite3.connect(tmp_path / "open" / "shop.db") as file:
        return file.execute("SELECT email, city FROM customers ORDER BY email").fetchall()


def test_from_the_first_statement_to_the_first_change(client, world, shop, tmp_path, work):
    client.as_(world.alice)
    answer = client.post(f"/admin/connections/{shop.id}/writebacks/new", data={"target": f"l{world.offers.id}"})
    page = answer.location.removesuffix("/statements")
    form = {"join": "INSERT INTO customers VALUES (:address, :city)", "rule": "source", "foreign_cursor": "y"}
    wrong = client.post(f"{page}/statements", data=form | {"leave": "DROP TABLE customers"})
    assert wrong.status_code == 422 and "Begin with INSERT" in wrong.text
    assert client.post(f"{page}/enable").status_code in (303, 409) and not db.session.query(WriteBack).one().enabled
    assert client.post(f"{page}/statements", data=form).location == page
    client.post(f"{page}/enable")
    ann = members.add(world.dataset, "ann@example.org", {"city": "York"}, by="test")
    subscriptions.join(world.offers, ann, by="test")
    db.session.commit()
    publishing.publish("UTC")
    assert "2 changes" in client.get(page).text
    assert "1 change was tried" in client.post(f"{page}/try").text and not customers(tmp_path)
    work()
    assert customers(tmp_path) == [("ann@example.org", "York")]
    found = db.session.query(WriteBack).one()
    assert f"number {found.cursor}" in client.get(page).text
    keep_conflicts(found, ann, 1)
    assert "Bristol" in client.get(page).text and client.as_(world.carol).get(page).status_code == 404
    client.as_(world.alice).post(f"{page}/disable")
    client.post(f"{page}/remove")
    assert not db.session.query(WriteBack).count() and not db.session.query(Conflict).count()


def keep_conflicts(writeback, row, count):
    db.session.add_all(Conflict(
        writeback_id=writeback.id, change_id=number, member_id=row["id"], address=row["address"], field="city",
        before="York", ours=f"=Bath {number}", theirs="Bristol", winner="maestro") for number in range(1, count + 1))
    db.session.commit()


@pytest.fixture
def off(shop, world):
    """A write-back that nobody has turned on yet, and Ann's changes that wait for it."""
    publishing.publish("UTC")
    made = writebacks.create(shop, world.dataset, None, by=world.alice)
    writebacks.set_statements(made, {
        "look": "SELECT city FROM customers WHERE email = :address",
        "join": "INSERT INTO customers (email) VALUES (:address)",
        "profile": "UPDATE customers SET city = :city WHERE email = :address"}, "source", by=world.alice)
    db.session.commit()
    ann = members.add(world.dataset, "ann@example.org", {"city": "York"}, by="test")
    members.change(world.dataset, ann, {"city": "Bristol"}, by=None, cause="self")
    db.session.commit()
    publishing.publish("UTC")
    return made


def test_it_is_tried_before_it_is_turned_on_and_says_what_would_happen(client, world, off, shop, tmp_path):
    client.as_(world.alice)
    with sqlite3.connect(tmp_path / "open" / "shop.db") as file:
        file.execute("CREATE TRIGGER late AFTER INSERT ON customers BEGIN UPDATE customers SET city = '<b>Bath'; END")
    page = client.post(f"/admin/writebacks/{off.id}/try").text
    assert "2 changes were tried" in page and "Somebody joined" in page and "ann@example.org" in page
    assert "City: “Bristol” in Maestro, “&lt;b&gt;Bath” over there. The source wins." in page
    assert not customers(tmp_path) and not db.session.get(WriteBack, off.id).enabled
    with sqlite3.connect(tmp_path / "open" / "shop.db") as file:
        file.execute("INSERT INTO customers VALUES ('ann@example.org', NULL)")
    page = client.post(f"/admin/writebacks/{off.id}/try").text
    assert "It would stand still at ann@example.org." in page and "UNIQUE constraint failed" in page
    assert "0 changes were tried" in page and not db.session.query(Conflict).count()


def test_all_conflicts_are_shown_in_pages_and_as_a_file_for_spreadsheets(client, world, off):
    keep_conflicts(off, {"id": 1, "address": "ann@example.org"}, 1203)
    page = f"/admin/writebacks/{off.id}"
    assert "1–50 of 1,203" in client.as_(world.alice).get(page).text
    assert "=Bath 1<" in client.get(f"{page}?page=25").text
    lines = client.get(f"{page}/conflicts.csv").text.splitlines()
    assert len(lines) == 1204 and "ann@example.org,city,York,'=Bath 1,Bristol,maestro" in lines[1]
    assert client.as_(world.carol).get(f"{page}/conflicts.csv").status_code == 404


def test_home_and_the_importers_page_lead_to_one_that_stands_still(client, world, off):
    link = f"/admin/writebacks/{off.id}"
    assert link in client.as_(world.alice).get("/admin/imports").text
    assert link not in client.get("/admin/").text
    off.enabled, off.problem = True, "The database says: <no>"
    db.session.commit()
    home, page = client.get("/admin/").text, client.get("/admin/imports").text
    assert link in home and "It stands still. The database says: &lt;no&gt;" in home and "Stands still" in page
    for user in (world.carol, world.victor):
        assert link not in client.as_(user).get("/admin/").text
    assert link not in client.as_(world.carol).get("/admin/imports").text
