"""Fields: what they may be called, what they take, what they show."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.mailing import jobs
from maestro.models import FIELD_TYPES, Field, ImportRun
from maestro.warehouse import fields, members, tables, uses


def field(type, choices=()):
    return Field(name="it", label="It", type=type, choices=list(choices))


TAKEN = [
    ("text", "", None),
    ("text", "  ", None),
    ("text", " a ", " a "),
    ("text", "T" * 10_000, "T" * 10_000),
    ("text", "a\nb", "a\nb"),
    ("number", "12", 12.0),
    ("number", " 12.50 ", 12.5),
    ("number", "-3e2", -300.0),
    ("number", "1 000", 1000.0),
    ("number", "", None),
    ("date", "2026-11-22", date(2026, 11, 22)),
    ("date", " 2024-02-29 ", date(2024, 2, 29)),
    ("yesno", "T", True),
    ("yesno", "yes", True),
    ("yesno", "0", False),
    ("yesno", "No", False),
    ("yesno", "", None),
    ("choice", "york", "York"),
    ("choice", " Bristol ", "Bristol"),
    ("choice", "", None),
    ("choices", "york,bristol", "Bristol,York"),
    ("choices", ["York", "york"], "York"),
    ("choices", [], None),
    ("choices", " , ", None),
]


@pytest.mark.parametrize("type, text, value", TAKEN)
def test_values_are_read(type, text, value):
    assert fields.parse(field(type, ["Bristol", "York"]), text) == value


@pytest.mark.parametrize(
    "type, text",
    [
        ("text", "T" * 10_001),
        ("text", "nul\0"),
        ("number", "twelve"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e300"),
        ("number", "12,5"),
        ("date", "22.11.2026"),
        ("date", "2026-02-30"),
        ("date", "2026-W01"),
        ("yesno", "maybe"),
        ("choice", "Leeds"),
        ("choice", "Bristol,York"),
        ("choices", "York,Leeds"),
        ("choices", ["Leeds"]),
    ],
)
def test_values_that_make_no_sense_are_refused_at_their_field(type, text):
    with pytest.raises(Refused) as refusal:
        fields.parse(field(type, ["Bristol", "York"]), text)
    assert refusal.value.field == "it"


@given(st.sampled_from(FIELD_TYPES), st.text(max_size=30))
def test_any_text_is_read_or_refused_and_what_is_shown_reads_as_the_same(type, text):
    it = field(type, ["Bristol", "York"])
    try:
        value = fields.parse(it, text)
    except Refused:
        return
    assert fields.parse(it, fields.show(it, value)) == value


@pytest.mark.parametrize(
    "label, name",
    [
        ("First name", "first_name"),
        ("Größe (cm)", "groe_cm"),
        ("2nd choice", "f_2nd_choice"),
        ("Ольга", "f"),
        ("x" * 50, "x" * 31),
        ("É", "e"),
    ],
)
def test_a_label_proposes_a_name(label, name):
    assert fields.database_name(label) == name
    assert tables.NAME.fullmatch(name)


@pytest.mark.parametrize(
    "name",
    ["Address", "9a", "a-b", "a b", "x" * 32, 'a"', "a;b", "address", "state", "rowid", "oid", "xmin", "_a", "ä"],
)
def test_names_that_the_database_could_misread_are_refused(world, name):
    with pytest.raises(Refused) as refusal:
        fields.create(world.dataset, "Label", "text", by="test", name=name)
    assert refusal.value.field == "name"


def test_words_of_sql_are_good_names(world):
    names = ["order", "select", "group", "user", "table", "index", "from", "default"]
    for name in names:
        fields.create(world.dataset, name, "text", by="test")
    row = members.add(world.dataset, "eve@example.org", {name: f"{name} 1" for name in names}, by="test")
    assert [row[name] for name in names] == [f"{name} 1" for name in names]
    for name in names:
        fields.remove(world.dataset, next(one for one in world.dataset.fields if one.name == name), by="test")
    assert members.find(world.dataset, "dave@example.org")["first_name"] == "Dave"


def test_a_name_is_used_once_in_a_dataset(world):
    with pytest.raises(Refused, match="already"):
        fields.create(world.dataset, "City", "text", by="test", list=world.offers)


@pytest.mark.parametrize(
    "choices, said",
    [([], "at least one"), (["a", "A"], "only once"), (["a,b"], "comma"), (["a\tb"], "comma or an invisible")],
)
def test_choices_are_judged(world, choices, said):
    with pytest.raises(Refused, match=said) as refusal:
        fields.create(world.dataset, "Size", "choices", by="test", choices=choices)
    assert refusal.value.field == "choices"


def test_a_choice_that_somebody_has_taken_stays(world):
    city = next(one for one in world.dataset.fields if one.name == "city")
    several = fields.create(world.dataset, "Likes", "choices", by="test", choices=["Herb", "Herbs"])
    row = members.find(world.dataset, "dave@example.org")
    members.change(world.dataset, row, {"city": "York", "likes": "Herbs"}, by="test")
    with pytest.raises(Refused, match="“York” is chosen by 1 person"):
        fields.change(city, "test", "City", False, ["Bristol"])
    fields.change(city, "test", "Town", True, ["Leeds", "York"])
    assert (city.label, city.choices) == ("Town", ["Leeds", "York"])
    with pytest.raises(Refused, match="“Herbs” is chosen"):
        fields.change(several, "test", "Likes", False, ["Herb"])
    fields.change(several, "test", "Likes", False, ["Herbs"])


def test_required_fields_have_to_be_filled_in_and_stay_so(world):
    fields.create(world.dataset, "Town", "text", by="test", required=True)
    with pytest.raises(Refused) as refusal:
        members.add(world.dataset, "eve@example.org", {}, by="test")
    assert refusal.value.field == "town"
    row = members.add(world.dataset, "eve@example.org", {"town": "Bath"}, by="test")
    with pytest.raises(Refused, match="Town must be filled in"):
        members.change(world.dataset, row, {"town": None}, by="test")


@pytest.mark.parametrize("state, said", [("staged", ["1 unfinished import fills it."]), ("done", []), ("undone", [])])
def test_only_an_unfinished_import_needs_its_fields(world, state, said):
    city = next(field for field in world.dataset.fields if field.name == "city")
    db.session.add(ImportRun(dataset_id=world.dataset.id, state=state, mapping={"address": "a", "city": "b"}))
    db.session.flush()
    assert uses.of(world.dataset, city) == said


def test_removal_says_what_uses_a_field(world):
    name = world.dataset.fields[0]
    assert uses.of(world.dataset, name) == ["1 person has a value in it. The values are lost."]
    jobs.create(
        world.group, "Spring", by=world.alice, dataset_id=world.dataset.id, subject="{{FIRST_NAME|friend}}", html="x"
    )
    jobs.create(world.group, "Autumn", by=world.alice, dataset_id=world.dataset.id, subject="first_name", html="x")
    assert [sentence for sentence in uses.of(world.dataset, name) if "job" in sentence][0].startswith(
        "The job “Spring”"
    )
    assert len(uses.of(world.dataset, name)) == 2
    fields.remove(world.dataset, name, by="test")
    db.session.commit()
    assert "first_name" not in tables.table(world.dataset).c
