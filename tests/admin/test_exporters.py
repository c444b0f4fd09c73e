"""Exporters and the settings around lists and datasets, on their pages."""

import io
import json
import re

import pytest
from openpyxl import load_workbook

from maestro.exchange import exporters
from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.models import Exporter, HostedList, ListFolder
from maestro.warehouse import downloads, members, publishing, subscriptions, targets


@pytest.fixture
def people(world):
    for name, city in (("ann", "York"), ("bea", "Bristol")):
        members.add(world.dataset, f"{name}@example.org", {"first_name": f"={name}", "city": city}, by="test")
    db.session.commit()
    return world.dataset


def content(made):
    return b"".join(made.chunks)


def test_every_dataset_and_list_can_be_downloaded_with_nothing_to_set_up(client, world, people):
    found = downloads.find(people)
    answer = client.as_(world.alice).post(f"/admin/exporters/{found.id}/download")
    assert answer.data.startswith(b"address,first_name,city,birthday\r\ndave@example.org,Dave")
    assert (answer.headers["Content-Length"], answer.headers["X-Maestro-Rows"]) == (str(len(answer.data)), "3")
    mine = downloads.find(people, world.offers)
    assert client.post(f"/admin/exporters/{mine.id}/download").headers["X-Maestro-Rows"] == "1"
    page = client.get(f"/admin/lists/{world.offers.id}/settings").text
    assert "Download all subscribers" in page
    assert client.post(f"/admin/exporters/{found.id}/remove").status_code in (303, 409)
    assert client.as_(world.bob).get(f"/admin/exporters/{found.id}").status_code == 403
    assert client.as_(world.carol).post(f"/admin/exporters/{found.id}/download").status_code == 404


def test_an_own_exporter_has_columns_a_filter_and_a_form(client, world, people):
    york = targets.create(people, None, "York", {"field": "city", "word": "=", "given": "York"}, by="test",
                          description="In York")
    db.session.commit()
    data = {"name": "To York", "target": str(york.id), "columns": ["address", "first_name"], "format": "csv",
            "separator": ";", "encoding": "utf-16", "guard": "y"}
    url = f"/admin/datasets/{people.id}/exporters/new"
    assert client.as_(world.alice).post(url, data=data).status_code == 303
    found = db.session.query(Exporter).filter_by(name="To York").one()
    assert content(exporters.run(found)).decode("utf-16") == "address;first_name\r\nann@example.org;'=ann\r\n"
    page = f"/admin/exporters/{found.id}"
    assert client.post(page, data=data | {"format": "xlsx", "enabled": "y"}).status_code == 303
    sheet = load_workbook(io.BytesIO(content(exporters.run(found)))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["address", "first_name"], ["ann@example.org", "=ann"]]
    assert sheet["B2"].data_type == "s"
    order = data | {"columns": ["city", "first_name", "address"], "encoding": "utf-8", "separator": ",", "enabled": "y"}
    client.post(page, data=order)
    assert content(exporters.run(found)) == b"city,first_name,address\r\nYork,'=ann,ann@example.org\r\n"
    shown = re.findall(r'name="columns"[^>]*value="(\w+)"', client.get(page).text)
    assert shown == ["city", "first_name", "address", "birthday", "joined_at"]
    client.post(page, data=data | {"format": "jsonl", "enabled": "y", "columns": []})
    assert json.loads(content(exporters.run(found)))["city"] == "York"
    client.post(page, data=data)
    with pytest.raises(WrongState, match="disabled"):
        exporters.run(found)
    with pytest.raises(WrongState, match="exporter uses it"):
        targets.remove(york, by="test")
    assert client.post(f"{page}/remove").status_code == 303


def test_the_change_log_is_read_on_from_a_number(world, people):
    publishing.publish("Europe/Berlin")
    found = downloads.find(people, kind="changes")
    whole = exporters.run(found, {"format": "jsonl"})
    entries = [json.loads(line) for line in content(whole).splitlines()]
    assert (whole.rows, whole.headers["X-Maestro-Seq"]) == (len(entries), str(entries[-1]["seq"]))
    rest = exporters.run(found, {"since": str(entries[-2]["seq"]), "format": "text"})
    assert b" ADD D 1 BEA@EXAMPLE.ORG\n" in content(rest)
    assert rest.rows == 1
    nothing = exporters.run(found, {"since": str(entries[-1]["seq"])})
    assert (content(nothing), nothing.headers["X-Maestro-Seq"]) == (b"", str(entries[-1]["seq"]))
    with pytest.raises(Refused, match="whole number"):
        exporters.run(found, {"since": "yesterday"})


def test_lists_lie_in_folders_and_are_protected(client, world):
    url = f"/admin/datasets/{world.dataset.id}/folders"
    client.as_(world.alice).post(url, data={"name": "Shop"})
    shop = db.session.query(ListFolder).one()
    client.post(url, data={"name": "Offers", "parent": str(shop.id)})
    inner = db.session.query(ListFolder).filter_by(name="Offers").one()
    assert "inside itself" in client.post(f"/admin/folders/{shop.id}", data={"name": "Shop", "parent": inner.id}).text
    settings = {"name": "Offers", "tracking": "unique", "folder": str(inner.id), "protected": "y"}
    assert client.post(f"/admin/lists/{world.offers.id}/settings", data=settings).status_code == 303
    assert "Shop / Offers" in client.get(f"/admin/datasets/{world.dataset.id}/lists").text
    client.post(f"/admin/folders/{inner.id}/remove")
    list = db.session.get(HostedList, world.offers.id, populate_existing=True)
    assert list.folder_id == shop.id
    subscriptions.leave(list, world.dave, None, cause="self")
    db.session.commit()
    move = f"/admin/lists/{list.id}/people/{world.dave['id']}/join"
    assert "and say so" in client.post(move, follow_redirects=True).text
    assert subscriptions.get(list, world.dave["id"]).state == "left"
    client.post(f"{move}?sure=1")
    db.session.expire_all()
    assert subscriptions.get(list, world.dave["id"]).state == "confirmed"


def test_a_dataset_has_a_key_and_a_name_for_people(client, world, people):
    url = f"/admin/datasets/{people.id}/settings"
    data = {"name": "Customers", "key_field": "first_name", "name_pattern": "{{first_name}}"}
    assert client.as_(world.alice).post(url, data=data).status_code == 303
    with pytest.raises(Refused, match="somebody else"):
        members.add(people, "eve@example.org", {"first_name": "=ann"}, by="test")
    assert "no shared field" in client.post(url, data=data | {"name_pattern": "{{shoe}}"}).text
    client.post(url, data=data | {"key_field": ""})
    db.session.refresh(people)
    members.add(people, "eve@example.org", {"first_name": "=ann"}, by="test")
    db.session.commit()
    assert "1 value belongs to more than one person" in client.post(url, data=data).text
