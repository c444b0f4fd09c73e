"""The change log as a page and as downloads."""

import csv
import io
import json

import pytest

from maestro.extensions import db
from maestro.models import AuditEntry
from maestro.warehouse import members, publishing, subscriptions


@pytest.fixture
def log(world):
    """Dave changed his name and left; somebody in another group joined."""
    members.change(world.dataset, world.dave, {"first_name": "Dan"}, by=world.alice)
    subscriptions.leave(world.offers, world.dave, None, cause="self", ip="192.0.2.7")
    members.add(world.foreign, "secret@example.org", {}, by="test")
    db.session.commit()
    publishing.publish("Europe/Berlin")
    return world


def test_the_page_shows_ones_own_groups_changes(client, log):
    page = client.as_(log.alice).get("/admin/changes").text
    for text in (
        "first_name: Dave → Dan",
        "DAVE@EXAMPLE.ORG 192.0.2.7",
        "alice@example.org",
        "1–4 of 4",
        "Europe/Berlin",
    ):
        assert text in page
    assert "secret@example.org" not in page
    assert client.get(f"/admin/changes?dataset={log.foreign.id}").status_code == 404
    assert client.get(f"/admin/changes?list={log.foreign_list.id}").status_code == 404
    assert client.as_(log.bob).get("/admin/changes").status_code == 403


@pytest.mark.parametrize(
    "asked, count",
    [
        ({}, 4),
        ({"code": "DEL"}, 1),
        ({"code": "XXX"}, 4),
        ({"address": "DAVE@example.org"}, 4),
        ({"address": "eve@example.org"}, 0),
        ({"first": "2020-01-01"}, 4),
        ({"last": "2020-01-01"}, 0),
        ({"first": "yesterday"}, 4),
        ({"first": "9999-12-31"}, 4),
        ({"first": "2199-12-31"}, 0),
        ({"page": "99"}, 4),
    ],
)
def test_changes_are_narrowed(client, log, asked, count):
    page = client.as_(log.alice).get("/admin/changes", query_string=asked).text
    assert page.count('data-label="Number"') == count
    rows = client.post("/admin/changes/download", data=asked | {"form": "jsonl"}).text.splitlines()
    assert len(rows) == count


def test_by_list_and_dataset(client, log):
    client.as_(log.alice)
    assert "1–2 of 2" in client.get(f"/admin/changes?dataset={log.dataset.id}&list={log.offers.id}").text


def test_each_form_is_downloaded_and_the_audit_log_tells_of_it(client, log):
    client.as_(log.alice)
    text = client.post("/admin/changes/download", data={"form": "text"})
    assert text.headers["Content-Disposition"].endswith(".log")
    lines = text.text.splitlines()
    assert [line.split()[2:4] for line in lines] == [["ADD", "D"], ["ADD", "L"], ["UPD", "D"], ["DEL", "L"]]
    assert lines[3].endswith(f"DEL L {log.dataset.id} {log.offers.id} DAVE@EXAMPLE.ORG 192.0.2.7")
    rows = list(csv.DictReader(io.StringIO(client.post("/admin/changes/download", data={"form": "csv"}).text)))
    assert [row["code"] for row in rows] == ["ADD", "ADD", "UPD", "DEL"]
    assert json.loads(rows[2]["changes"]) == {"first_name": ["Dave", "Dan"]}
    told = db.session.query(AuditEntry).filter_by(action="changes.export").order_by(AuditEntry.id).all()
    assert [entry.details for entry in told] == [{"rows": 4, "format": "text"}, {"rows": 4, "format": "csv"}]
