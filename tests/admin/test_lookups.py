"""Lookup tables on their pages, the menus they stand behind, and fields in all their settings."""

import io

import pytest

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Change, Consent, Field, LookupTable
from maestro.warehouse import fields, lookups, members

CITIES = "York | England\nBristol | England\nParis | France"


def field(name):
    db.session.expire_all()
    return db.session.query(Field).filter_by(name=name).one()


def change(client, found, **parts):
    data = {"label": found.label, "shown": "edit", "help": "", "choices": "\n".join(found.choices)} | parts
    return client.post(f"/admin/fields/{found.id}", data=data)


@pytest.fixture
def cities(client, world):
    client.as_(world.alice).post("/admin/lookups/new", data={"name": "Cities"})
    table = db.session.query(LookupTable).one()
    client.post(f"/admin/lookups/{table.id}/rows", data={"columns": "Country", "rows": CITIES})
    return table


def test_a_table_is_typed_uploaded_and_split(client, world, cities):
    url = f"/admin/lookups/{cities.id}"
    assert cities.rows == [["York", "England"], ["Bristol", "England"], ["Paris", "France"]]
    assert "2 are expected" in client.post(f"{url}/rows", data={"columns": "Country", "rows": "York"}).text
    client.post(f"{url}/subset", data={"subset": "Abroad", "values": "Paris\nRome"})
    file = (io.BytesIO(b"City,Country,Region\nYork,England,North\nParis,France,\n"), "cities.csv")
    assert client.post(f"{url}/upload", data={"file": file}, content_type="multipart/form-data").status_code == 303
    db.session.refresh(cities)
    assert (cities.columns, cities.rows[1], cities.subsets) == (
        ["Country", "Region"], ["Paris", "France", ""], {"Abroad": ["Paris"]})
    assert "Abroad" in client.get(url).text
    assert client.as_(world.carol).get(url).status_code == 404


def test_a_menu_follows_its_table_and_what_was_chosen_before(client, world, cities):
    countries = ["England", "France"]
    country = fields.create(world.dataset, "Country", "choice", by="test", choices=countries, name="country")
    db.session.commit()
    parts = {"table": str(cities.id), "parent": "country", "parent_column": "Country"}
    assert change(client, field("city"), **parts).status_code == 303
    city = field("city")
    assert (city.choices, city.parent) == (["York", "Bristol", "Paris"], "country")
    page = client.get(f"/admin/datasets/{world.dataset.id}/people/new").text
    assert '<optgroup label="France">' in page
    with pytest.raises(Refused, match="does not belong to “France”"):
        members.add(world.dataset, "a@example.org", {"country": "France", "city": "York"}, by="test")
    row = members.add(world.dataset, "b@example.org", {"country": "France", "city": "Paris"}, by="test")
    with pytest.raises(Refused, match="does not belong"):
        members.change(world.dataset, row, {"country": "England"}, by="test")
    with pytest.raises(Refused, match="Paris. is chosen by 1 person"):
        lookups.fill(cities, ["Country"], [["York", "England"]], by="test")
    with pytest.raises(Refused, match="depends on this field"):
        fields.remove(world.dataset, country, by="test")


def test_a_menu_is_made_from_a_table_without_a_typed_choice(client, world, cities):
    url = f"/admin/datasets/{world.dataset.id}/fields/new"
    assert f'<option value="{cities.id}">Cities</option>' in client.get(url).text
    data = {"label": "Town", "type": "choice", "table": str(cities.id), "choices": "", "shown": "edit"}
    answer = client.post(url, data=data)
    town = field("town")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/admin/fields/{town.id}")
    assert (town.choices, town.lookup_id) == (["York", "Bristol", "Paris"], cities.id)
    client.as_(world.carol)
    foreign = f"/admin/datasets/{world.foreign.id}/fields/new"
    assert "Cities" not in client.get(foreign).text
    assert client.post(foreign, data=data).status_code == 422


def test_rules_and_defaults_are_set_on_the_page_and_hold_in_forms(client, world):
    client.as_(world.alice)
    rules = {"shortest": "2", "pattern": "[A-Z][a-z]+", "hint": "begins with a capital.", "default": "Friend"}
    assert change(client, field("first_name"), **rules).status_code == 303
    assert "cannot be read" in change(client, field("first_name"), pattern="(?=a)").text
    assert "begins with a capital" in change(client, field("first_name"), **rules | {"default": "x1"}).text
    assert change(client, field("birthday"), lowest="1900-01-01", highest="2020-12-31").status_code == 303
    new = f"/admin/datasets/{world.dataset.id}/people/new"
    assert 'value="Friend"' in client.get(new).text
    for given, said in (({"f_first_name": "ann"}, "begins with a capital"), ({"f_birthday": "1800-01-01"}, "or later")):
        assert said in client.post(new, data={"address": "a@example.org"} | given).text
    assert client.post(new, data={"address": "a@example.org", "f_first_name": ""}).status_code == 303
    assert members.find(world.dataset, "a@example.org")["first_name"] == "Friend"


def test_a_consent_keeps_its_wording_and_every_proof(client, world):
    url = f"/admin/datasets/{world.dataset.id}"
    data = {"label": "Terms", "type": "consent", "text": "I agree to the first terms.", "held": "no", "shown": "edit"}
    assert client.as_(world.alice).post(f"{url}/fields/new", data=data).status_code == 303
    assert members.get(world.dataset, world.dave["id"])["terms"] is False
    client.post(f"/admin/fields/{field('terms').id}", data={"label": "Terms", "text": "The second terms."})
    page = client.get(f"{url}/people/new").text
    assert "The second terms." in page
    refused = client.post(f"{url}/people/new", data={"address": "eve@example.org"})
    assert "tick it to go on" in refused.text
    assert client.post(f"{url}/people/new", data={"address": "eve@example.org", "f_terms": "y"}).status_code == 303
    eve = members.find(world.dataset, "eve@example.org")
    proof = db.session.query(Consent).filter_by(member_id=eve["id"]).one()
    assert (proof.given, proof.list_id, proof.text_id) == (True, None, 2)
    codes = [entry.code for entry in db.session.query(Change).filter_by(member_id=eve["id"]).order_by(Change.id)]
    assert codes == ["ADD", "CON"]
    edit = f"{url}/people/{world.dave['id']}/edit"
    assert client.post(edit, data={"address": "dave@example.org", "f_first_name": "D"}).status_code == 303
    assert members.get(world.dataset, world.dave["id"])["terms"] is False


def test_a_type_changes_after_a_look_at_the_values(client, world):
    members.add(world.dataset, "eve@example.org", {"first_name": "2020-02-29"}, by="test")
    db.session.commit()
    url = f"/admin/fields/{field('first_name').id}/type"
    page = client.as_(world.alice).get(url, query_string={"to": "date"}).text
    assert "1 of 2 values do not fit" in page
    assert "Dave" in page
    assert "do not fit" in client.post(f"{url}/change", data={"to": "date"}, follow_redirects=True).text
    client.post(f"{url}/change", data={"to": "date", "empty": "yes"})
    assert field("first_name").type == "date"
    db.session.refresh(world.dataset)
    assert str(members.find(world.dataset, "eve@example.org")["first_name"]) == "2020-02-29"
    assert members.get(world.dataset, world.dave["id"])["first_name"] is None
    client.post(f"{url}/change", data={"to": "choice"})
    assert field("first_name").choices == ["2020-02-29"]


def test_a_computed_field_is_tried_and_made(client, world):
    url = f"/admin/datasets/{world.dataset.id}/fields/derived"
    data = {"label": "Greeting", "formula": '"Dear " + &FIRST_NAME;'}
    assert "Dear Dave" in client.as_(world.alice).post(url, data=data | {"try": "yes"}).text
    assert "no field “LAST”" in client.post(url, data=data | {"formula": "&LAST;"}).text
    assert client.post(url, data=data).status_code == 303
    assert members.get(world.dataset, world.dave["id"])["greeting"] == "Dear Dave"
    assert "computed" in client.get(f"/admin/datasets/{world.dataset.id}/fields").text
    assert 'name="f_greeting"' not in client.get(f"/admin/datasets/{world.dataset.id}/people/new").text
