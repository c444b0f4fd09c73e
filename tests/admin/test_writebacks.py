"""Write-backs through the door: made, worded, tried, turned on, and what they show."""

import sqlite3

import pytest

from maestro.exchange import connections
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
    client.post(f"{page}/try")
    assert "1 change would go there" in client.get(page).text and not customers(tmp_path)
    work()
    assert customers(tmp_path) == [("ann@example.org", "York")]
    found = db.session.query(WriteBack).one()
    db.session.add(Conflict(writeback_id=found.id, change_id=1, member_id=ann["id"], address="ann@example.org",
                            field="city", before="York", ours="Bath", theirs="Bristol", winner="maestro"))
    db.session.commit()
    assert "Bristol" in client.get(page).text and client.as_(world.carol).get(page).status_code == 404
    client.as_(world.alice).post(f"{page}/disable")
    client.post(f"{page}/remove")
    assert not db.session.query(WriteBack).count() and not db.session.query(Conflict).count()
