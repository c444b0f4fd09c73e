"""Derived fields: what a formula gives, what it refuses, and that the database keeps it true."""

import pytest
from sqlalchemy import text

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Dataset
from maestro.warehouse import derived, fields, members, pieces

GIVES = {                                          # formula: what it gives for Dave
    '&FIRST_NAME; + " of " + city': "Dave of York",
    'If(&VISITS; > 100, "Too large", "Small enough")': "Small enough",
    "27 * Max(17, 4, 24/8) / (19 + 22)": 11,
    "visits / 0": None,
    "visits % 5 - 1": 1,
    "-7 / 2": -3,
    "900719925474099 * 900719925474099": None,
    "Year(birthday)": 1980,
    '"100% \'sure\' ""x"" \\ {{city}}"': "100% 'sure' \"x\" \\ {{city}}",
    "Upper(Left(first_name, 1)) + Lower(Mid(first_name, 2, 100))": "Dave",
    'Right(city, 2) + Length(city) + Replace(city, "Y", "C")': "rk4Cork",
    "not IsEmpty(birthday) and Contains(city, \"OR\")": True,
    'city = "york" or visits < 3': True,
    "Upper(\"straße\")": "STRASSE",
    '""': None,
    "Abs(-3) + Min(visits, 5)": 8,
    "Trim(\"  a \")": "a",
    "birthday": "1980-02-29",
}
REFUSED = {
    "": "is missing",
    "visits +": "is missing",
    "shoe_size": "no field",
    "visits - first_name": "takes a number",
    "visits = first_name": "cannot be compared",
    'If(visits, "a", "b")': "takes yes or no",
    'If(visits > 1, "a", 2)': "Both have to be the same",
    "Sleep(10)": "no function Sleep",
    "Left(city)": "takes 2 values",
    "(visits": "parenthesis",
    "visits visits": "go on",
    "visits ; DROP TABLE x": "cannot be read|go on",
    "(" * 60 + "1" + ")" * 60: "nested",
}


@pytest.fixture
def dave(world):
    fields.create(world.dataset, "Visits", "number", by="test", name="visits")
    values = {"visits": 12.0, "city": "York", "birthday": fields.parse(world.dataset.fields[2], "1980-02-29")}
    return members.change(world.dataset, members.get(world.dataset, world.dave["id"]), values, by="test")


def test_what_formulas_give(world, dave):
    for formula, value in GIVES.items():
        found = derived.tried(world.dataset, formula)[0][1]
        assert (str(found) if formula == "birthday" else found) == value, formula


def test_what_formulas_refuse(world, dave):
    for formula, said in REFUSED.items():
        with pytest.raises(Refused, match=said):
            derived.tried(world.dataset, formula)


def test_a_derived_text_is_found_in_a_big_dataset(sqlite_app):
    dataset = db.session.query(Dataset).filter_by(name="Customers").one()
    fields.create(dataset, "Visits", "number", by="test", name="visits")
    derived.create(dataset, "Kind", 'If(visits > 9, "regular", "rare")', by="test", name="kind")
    dave = members.find(dataset, "dave@example.org")
    pieces.fill(dataset)
    members.change(dataset, dave, {"visits": 12.0}, by="test")
    asked = text("SELECT rowid FROM dataset_1_pieces WHERE text MATCH 'regular'")
    assert db.session.scalars(asked).all() == [dave["id"]]
    fields.remove(dataset, next(field for field in dataset.fields if field.name == "kind"), by="test")
    db.session.rollback()


def test_a_derived_field_follows_its_people(world, dave):
    field = derived.create(world.dataset, "Greeting", '"Dear 100% " + first_name', by="test")
    assert members.get(world.dataset, dave["id"])["greeting"] == "Dear 100% Dave"
    members.change(world.dataset, dave, {"first_name": "David"}, by="test")
    new = members.add(world.dataset, "eve@example.org", {"first_name": "Eve"}, by="test")
    greetings = [members.get(world.dataset, id)["greeting"] for id in (dave["id"], new["id"])]
    assert greetings == ["Dear 100% David", "Dear 100% Eve"]
    derived.change(world.dataset, field, 'first_name + "!"', by="test")
    assert members.get(world.dataset, new["id"])["greeting"] == "Eve!"
    with pytest.raises(Refused, match="another type"):
        derived.change(world.dataset, field, "visits", by="test")
    with pytest.raises(Refused, match="Greeting. is computed from"):
        fields.remove(world.dataset, world.dataset.fields[0], by="test")
    fields.remove(world.dataset, field, by="test")
    db.session.commit()
