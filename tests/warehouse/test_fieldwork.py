"""Changes of fields in a large dataset: a worker makes them slice by slice, whatever happens meanwhile."""

import pytest
from sqlalchemy import select

from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.models import Dataset, Field
from maestro.warehouse import derived, fields, fieldwork, members, retyping, tables


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Fifty people are many, and ten make a page."""
    monkeypatch.setattr(fieldwork, "MANY", 50)
    monkeypatch.setattr(retyping, "PAGE", 10)
    monkeypatch.setattr(fieldwork, "PAUSE", 0)


@pytest.fixture
def since(world):
    """A text field with a date for each of sixty people."""
    field = fields.create(world.dataset, "Since", "text", by="test", name="since")
    for number in range(60):
        members.add(world.dataset, f"p{number}@example.org", {"since": f"2020-01-{number % 28 + 1:02}"}, by="test")
    db.session.commit()
    return field


def again(world, since):
    db.session.expire_all()
    return db.session.get(Dataset, world.dataset.id), db.session.get(Field, since.id)


def values(dataset):
    people = tables.table(dataset).c
    return dict(db.session.execute(select(people.address, people.since)).all())


def person(dataset, number):
    return members.find(dataset, f"p{number}@example.org")


def test_a_type_changes_slice_by_slice_and_what_comes_meanwhile_counts(world, since):
    assert fieldwork.is_large(world.dataset)
    fieldwork.retype(world.dataset, since, "date", world.alice, empty=True)
    db.session.commit()
    for _ in range(4):
        assert fieldwork.go_on(world.dataset.id)
    dataset, field = again(world, since)
    assert [dataset.work[name] for name in ("state", "done", "total")] == ["working", 30, 60]
    assert field.type == "text"
    with pytest.raises(WrongState, match="is being changed"):
        fields.remove(dataset, field, by="test")
    with pytest.raises(WrongState, match="is being changed"):
        fieldwork.begin(dataset, "retype", "Other", world.alice)
    members.change(dataset, person(dataset, 0), {"since": "1999-12-31"}, by="test")
    members.change(dataset, person(dataset, 1), {"since": "never"}, by="test")
    members.remove(dataset, person(dataset, 2), by=None, cause="self")
    members.remove(dataset, person(dataset, 3), by="test")
    members.add(dataset, "late@example.org", {"since": "2021-01-01"}, by="test")
    db.session.commit()
    fieldwork.do_field_work(dataset.id)
    dataset, field = again(world, since)
    found = {address: value and str(value) for address, value in values(dataset).items()}
    assert field.type == "date" and found["p9@example.org"] == "2020-01-10"
    assert (found["p0@example.org"], found["p1@example.org"], found["p2@example.org"], found["late@example.org"]) == (
        "1999-12-31", None, None, "2021-01-01")
    assert dataset.work["state"] == "done" and not fieldwork.due()


def test_values_that_do_not_fit_meanwhile_leave_the_field_as_it_was(world, since):
    fieldwork.retype(world.dataset, since, "date", world.alice)
    db.session.commit()
    assert fieldwork.go_on(world.dataset.id)
    members.change(world.dataset, person(world.dataset, 1), {"since": "never"}, by="test")
    db.session.commit()
    fieldwork.do_field_work(world.dataset.id)
    dataset, field = again(world, since)
    assert (dataset.work["state"], field.type) == ("failed", "text") and "1 values that came" in dataset.work["problem"]
    assert values(dataset)["p1@example.org"] == "never"
    db.session.commit()
    assert retyping.retype(dataset, field, "date", world.alice, empty=True) == 1


def test_it_waits_for_others_and_goes_on(client, world, since, turn, work, monkeypatch):
    fieldwork.retype(world.dataset, since, "date", world.alice)
    db.session.commit()

    def busy(dataset, field):
        raise WrongState("A mail job is being sent.")
    with monkeypatch.context() as patch:
        patch.setattr(retyping, "refuse_busy", busy)
        fieldwork.do_field_work(world.dataset.id)
    page = client.as_(world.alice).get(f"/admin/datasets/{world.dataset.id}/fields?part=work").text
    assert "It waits: A mail job is being sent." in page and "60 of 60 values" in page and "data-live" in page
    assert not fieldwork.due()
    turn(6)
    work()
    assert again(world, since)[1].type == "date"
    assert "was changed to another type for everybody" in client.get(f"/admin/datasets/{world.dataset.id}/fields").text


def test_a_computed_field_is_made_and_changed_by_a_worker(world, since, work):
    fieldwork.derive(world.dataset, "Shout", "Upper(since)", world.alice)
    db.session.commit()
    work()
    dataset, _ = again(world, since)
    shout = next(field for field in dataset.fields if field.name == "shout")
    assert person(dataset, 1)["shout"] == "2020-01-02" and dataset.work["state"] == "done"
    fieldwork.rederive(dataset, shout, "Left(since, 4)", world.alice)
    db.session.commit()
    work()
    dataset, _ = again(world, since)
    assert person(dataset, 1)["shout"] == "2020"
    with pytest.raises(Refused, match="already"):
        fieldwork.derive(dataset, "Shout", "Upper(since)", world.alice)
    with pytest.raises(Refused, match="another type"):
        fieldwork.rederive(dataset, shout, "Length(since)", world.alice)
    assert derived.tried(dataset, "Left(since, 4)")


def test_the_pages_leave_it_to_a_worker_where_there_are_many(client, world, since, work):
    client.as_(world.alice).post(f"/admin/fields/{since.id}/type/change", data={"to": "date"})
    assert "0 of 60 values" in client.get(f"/admin/datasets/{world.dataset.id}/fields").text
    assert again(world, since)[1].type == "text"
    db.session.commit()
    work()
    assert again(world, since)[1].type == "date"
