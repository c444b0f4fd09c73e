"""Fields: made, changed and deleted, and what the pages say about it."""

import pytest

from maestro.extensions import db
from maestro.models import Field
from maestro.warehouse import members

NEW = {"label": "Shoe size", "type": "number", "name": "", "choices": "", "shown": "view", "help": "In centimetres"}


def new(client, world, **parts):
    return client.post(f"/admin/datasets/{world.dataset.id}/fields/new", data=NEW | parts)


def test_a_field_is_made_with_a_name_from_its_label(client, world):
    assert new(client.as_(world.alice), world, required="y").status_code == 303
    field = db.session.query(Field).filter_by(name="shoe_size").one()
    assert (field.label, field.type, field.required, field.shown, field.help) == (
        "Shoe size",
        "number",
        True,
        "view",
        "In centimetres",
    )
    page = client.get(f"/admin/datasets/{world.dataset.id}/fields").text
    assert "{{shoe_size}}" in page
    assert "Required" in page


@pytest.mark.parametrize(
    "parts, said",
    [
        ({"label": ""}, "Give the field a label."),
        ({"name": "Shoe"}, "small letters"),
        ({"name": "state"}, "Maestro uses itself"),
        ({"name": "city"}, "already"),
        ({"type": "choice"}, "at least one choice"),
        ({"type": "choice", "choices": "a\nA"}, "only once"),
        ({"type": "picture"}, "Not a valid choice"),
        ({"shown": "maybe"}, "Not a valid choice"),
        ({"label": "a\0b"}, "1 to 120"),
    ],
)
def test_what_is_wrong_is_shown_and_the_rest_kept(client, world, parts, said):
    answer = new(client.as_(world.alice), world, **parts)
    assert answer.status_code == 422
    assert said in answer.text
    assert "In centimetres" in answer.text


def test_choices_come_one_in_each_line(client, world):
    new(client.as_(world.alice), world, label="Size", type="choices", choices=" S \r\nM\r\n\r\nExtra large\r\n")
    field = db.session.query(Field).filter_by(name="size").one()
    assert field.choices == ["S", "M", "Extra large"]
    page = client.get(f"/admin/fields/{field.id}").text
    assert "\nS\nM\nExtra large</textarea>" in page.replace("\r\n", "\n")


def test_a_field_is_changed(client, world):
    city = next(field for field in world.dataset.fields if field.name == "city")
    client.as_(world.alice)
    data = {"label": "Town", "choices": "York\nLeeds\nBristol", "shown": "no", "required": "y", "help": ""}
    assert client.post(f"/admin/fields/{city.id}", data=data).status_code == 303
    db.session.refresh(city)
    assert (city.label, city.choices, city.shown, city.required) == ("Town", ["York", "Leeds", "Bristol"], "no", True)
    members.change(world.dataset, world.dave, {"city": "York"}, by="test")
    db.session.commit()
    answer = client.post(f"/admin/fields/{city.id}", data=data | {"choices": "Leeds"})
    assert (answer.status_code, "“York” is chosen by 1 person" in answer.text) == (422, True)


def test_deleting_says_what_is_lost_and_does_it(client, world):
    field = world.dataset.fields[0]
    client.as_(world.alice)
    assert "1 person has a value in it. The values are lost." in client.get(f"/admin/fields/{field.id}").text
    assert client.post(f"/admin/fields/{field.id}/remove").status_code == 303
    db.session.refresh(world.dataset, ["fields"])
    assert [one.name for one in world.dataset.fields] == ["city", "birthday"]
    assert "first_name" not in members.find(world.dataset, "dave@example.org")
    assert client.get(f"/admin/datasets/{world.dataset.id}").status_code == 200


def test_without_fields_the_page_says_what_one_is(client, world):
    assert "No fields yet" in client.as_(world.carol).get(f"/admin/datasets/{world.foreign.id}/fields").text
