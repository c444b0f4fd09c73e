"""People out, byte for byte as the formats are promised."""

import json

import pytest

from maestro.exchange import exports
from maestro.extensions import db
from maestro.lib.errors import NotNow
from maestro.models import Dataset
from maestro.warehouse import fields, members, subscriptions


@pytest.fixture
def people(world):
    """Dave and Ann, who has a value in every type of field."""
    for name, type, choices in (("points", "number", ()), ("agrees", "yesno", ()), ("tags", "choices", ["a", "b"])):
        fields.create(world.dataset, name.title(), type, by="test", name=name, choices=choices)
    values = {"first_name": 'Ann "A", Ü', "city": "York", "points": 12.5, "agrees": False, "tags": "a,b"}
    ann = members.add(world.dataset, "ann@example.org", values, by="test")
    subscriptions.join(world.offers, ann, by="test")
    db.session.commit()
    return world


def test_csv_is_as_promised(people):
    assert b"".join(exports.export(people.dataset, None, "csv")).decode() == (
        "address,first_name,city,birthday,points,agrees,tags\r\n"
        "dave@example.org,Dave,,,,,\r\n"
        'ann@example.org,"Ann ""A"", Ü",York,,12.5,F,"a,b"\r\n')


def test_json_lines_have_typed_values(people):
    lines = b"".join(exports.export(people.dataset, people.offers, "jsonl")).decode().splitlines()
    assert json.loads(lines[1]) == {
        "address": "ann@example.org", "first_name": 'Ann "A", Ü', "city": "York", "birthday": None, "points": 12.5,
        "agrees": False, "tags": "a,b"}


def test_only_the_confirmed_of_the_list_are_exported(people):
    subscriptions.leave(people.offers, people.dave, by=None, cause="self")
    db.session.commit()
    text = b"".join(exports.export(people.dataset, people.offers, "csv")).decode()
    assert "dave" not in text and "ann" in text
    assert "dave" in b"".join(exports.export(people.dataset, None, "csv")).decode()


def test_a_lists_own_fields_are_exported_with_it_alone(people):
    fields.create(people.dataset, "Seat", "text", by="test", name="seat", list=people.offers)
    db.session.commit()
    for list, there in ((None, False), (people.offers, True)):
        assert (b"seat" in next(exports.export(people.dataset, list, "csv"))) is there


def test_many_people_come_page_by_page(people, monkeypatch):
    monkeypatch.setattr(exports, "PAGE", 1)
    assert b"".join(exports.export(people.dataset, None, "csv")).count(b"\r\n") == 3


def test_for_a_spreadsheet_no_cell_is_a_formula(people):
    members.change(people.dataset, people.dave, {"first_name": "=1+1"}, by="test")
    db.session.commit()
    assert b",'=1+1," in b"".join(exports.export(people.dataset, None, "csv", guard=True))
    assert b",=1+1," in b"".join(exports.export(people.dataset, None, "csv"))


def test_what_is_exported_can_be_imported_without_a_change(people, bring_in):
    content = b"".join(exports.export(people.dataset, None, "csv"))
    run = bring_in(content, "synchronise")
    assert (run.counts["unchanged"], run.counts["changed"], run.counts["rejected"]) == (2, 0, 0)


def test_half_an_import_is_shown_to_nobody(people, monkeypatch):
    monkeypatch.setattr(exports, "PATIENCE", 0)
    db.session.get(Dataset, people.dataset.id).busy_run_id = 1
    db.session.commit()
    with pytest.raises(NotNow):
        exports.export(people.dataset, None, "csv")
