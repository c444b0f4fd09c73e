"""Imports from the file to the list: modes, protection, rejected rows, the guard, and what the change log says."""

import json
from datetime import date
from pathlib import Path

import pytest
from polars.exceptions import PanicException
from sqlalchemy import text

from maestro.exchange import apply, findings, imports, running, sources
from maestro.exchange.check import check
from maestro.exchange.running import load
from maestro.exchange.staging import Staging
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound, Refused, WrongState
from maestro.models import Change, Dataset, ImportRun, Subscription, Suppression
from maestro.warehouse import datasets, fields, lists, members, subscriptions, tables

HEADER = ["address", "first_name", "city"]
ANN, BEN, CARA = "ann@example.org", "ben@example.org", "cara@example.org"


def counts(run):
    names = ("added", "changed", "unchanged", "removed", "protected", "rejected")
    return {name: run.counts[name] for name in names if run.counts[name]}


def crowd(count):
    return [HEADER, *([f"p{number}@example.org", f"P{number}", ""] for number in range(count))]


def test_people_are_added_to_the_dataset_and_logged(bring_in, world, log, row, states):
    run = bring_in([HEADER, [ANN, "Ann", "york"], ["BEN@Example.org", "", "Bristol"]])
    assert (run.state, run.total, counts(run)) == ("done", 2, {"added": 2})
    assert log(run) == ["ADD D ann@example.org", "ADD D BEN@Example.org"]
    assert (row(ANN)["first_name"], row(ANN)["city"], row(ANN)["how"]) == ("Ann", "York", "importer")
    assert row(BEN)["state"] == "confirmed" and row(BEN)["first_name"] is None
    assert states(world.offers) == {"dave@example.org": "confirmed"}


def test_people_are_added_to_a_list_and_to_its_dataset(bring_in, world, log, states):
    run = bring_in([HEADER, [ANN, "Ann", ""]], list=world.offers)
    assert log(run) == ["ADD D ann@example.org", "ADD L ann@example.org"]
    assert states(world.offers) == {"dave@example.org": "confirmed", ANN: "confirmed"}
    entry = db.session.query(Change).filter_by(run_id=run.id, level="L").one()
    assert (entry.cause, entry.actor, entry.list_id) == ("importer", "alice@example.org", world.offers.id)


def test_a_member_of_the_dataset_only_joins_the_list(bring_in, world, log):
    bring_in([HEADER, [ANN, "Ann", "York"]])
    run = bring_in([HEADER, [ANN, "Anna", "York"]], list=world.offers)
    assert counts(run) == {"added": 1}
    assert sorted(log(run)) == ["ADD L ann@example.org", "UPD D ann@example.org"]


def test_changes_are_told_with_old_and_new_value(bring_in, found):
    bring_in([HEADER, [ANN, "Ann", "York"], [BEN, "Ben", ""]])
    run = bring_in([HEADER, [ANN, "Anna", ""], [BEN, "Ben", "York"]])
    assert counts(run) == {"changed": 2}
    entries = db.session.query(Change).filter_by(run_id=run.id).order_by(Change.address)
    told = [json.loads(entry.changes) for entry in entries]
    assert told == [{"first_name": ["Ann", "Anna"]}, {"city": [None, "York"]}]
    assert found(run)["changed"] == [(ANN, "first_name", "Ann", "Anna"), (BEN, "city", "", "York")]


def test_the_log_tells_people_in_the_order_of_the_rows(bring_in, world, log):
    """Also where nobody was before."""
    fresh = datasets.create(world.group, "Fresh", by="test")
    db.session.commit()
    rows = [[f"p{number * 7919 % 3000}@example.org"] for number in range(3000)]
    for file, new in ((rows[:2000], rows[:2000]), (rows, rows[2000:])):
        run = bring_in([["address"], *file], dataset=fresh)
        assert log(run) == [f"ADD D {address}" for address, in new]


def test_many_go_in_block_by_block(bring_in, world, log, states, monkeypatch):
    monkeypatch.setattr(apply, "BLOCK", 100)
    monkeypatch.setattr(apply, "FIRST", 100)
    run = bring_in(crowd(350), list=world.offers)
    assert (run.state, counts(run), len(states(world.offers))) == ("done", {"added": 350}, 351)
    again = bring_in([HEADER, *([f"p{number}@example.org", "New", ""] for number in range(350))], list=world.offers)
    assert counts(again) == {"changed": 350} and len(log(again)) == 350
    found = "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_plan_{}_n' AND indexdef LIKE '%brin%'"
    if db.engine.dialect.name == "postgresql":
        assert [db.session.scalar(text(found.format(one.id))) for one in (run, again)] == [1, 1]


def test_importing_the_same_again_writes_nothing(bring_in, world, log):
    rows = [HEADER, [ANN, "Ann", "York"], [BEN, "", ""], ["dave@example.org", "Dave", ""]]
    bring_in(rows, "synchronise", list=world.offers)
    before = db.session.execute(db.text("SELECT count(*) FROM change")).scalar()
    run = bring_in(rows, "synchronise", list=world.offers)
    assert counts(run) == {"unchanged": 3}
    assert run.counts["planned"] == 0 and not log(run)
    assert db.session.execute(db.text("SELECT count(*) FROM change")).scalar() == before


@pytest.mark.parametrize("mode, told, names", [
    ("add", {"added": 1, "unchanged": 1}, {ANN: "Ann", BEN: "Ben"}),
    ("add-update", {"added": 1, "changed": 1}, {ANN: "Anna", BEN: "Ben"}),
    ("update", {"changed": 1, "unchanged": 1}, {ANN: "Anna"}),
    ("remove", {"removed": 1, "unchanged": 1}, {}),
])
def test_modes(bring_in, world, row, mode, told, names):
    bring_in([HEADER, [ANN, "Ann", ""]])
    run = bring_in([HEADER, [ANN, "Anna", ""], [BEN, "Ben", ""]], mode)
    assert counts(run) == told
    assert {address: row(address)["first_name"] for address in (ANN, BEN) if row(address)} == names


def test_adding_to_a_list_leaves_the_shared_profile_of_members_alone(bring_in, world, row):
    bring_in([HEADER, [ANN, "Ann", ""]])
    run = bring_in([HEADER, [ANN, "Anna", ""]], "add", list=world.offers)
    assert counts(run) == {"added": 1}
    assert row(ANN)["first_name"] == "Ann"


def test_synchronising_removes_whom_an_import_has_seen_and_leaves_others(bring_in, world, log, states):
    bring_in([HEADER, [ANN, "", ""], [BEN, "", ""]], list=world.offers)
    run = bring_in([HEADER, [BEN, "", ""]], "synchronise", list=world.offers)
    assert counts(run) == {"unchanged": 1, "removed": 1}
    assert log(run) == ["DEL L ann@example.org"]
    assert states(world.offers) == {ANN: "left", BEN: "confirmed", "dave@example.org": "confirmed"}
    assert states(world.dataset)[ANN] == "confirmed"


def test_strict_synchronising_removes_everybody_else(bring_in, world, log):
    run = bring_in([HEADER, [BEN, "", ""]], "synchronise", list=world.offers, strict=True)
    assert log(run) == ["ADD D ben@example.org", "ADD L ben@example.org", "DEL L dave@example.org"]


def test_who_was_seen_in_a_source_is_missed_when_gone_from_it(bring_in, world, states):
    bring_in([HEADER, ["dave@example.org", "", ""]], "synchronise", list=world.offers)
    bring_in([HEADER, [ANN, "", ""]], "synchronise", list=world.offers)
    assert states(world.offers) == {ANN: "confirmed", "dave@example.org": "left"}


def test_a_rejected_row_still_says_that_its_person_is_in_the_source(bring_in, states, world):
    crowd = [[f"p{number}@example.org", "", ""] for number in range(9)]
    bring_in([HEADER, [ANN, "", ""], *crowd])
    run = bring_in([HEADER, [ANN, "", "Atlantis"], *crowd], "synchronise")
    assert counts(run) == {"unchanged": 9, "rejected": 1}
    assert states(world.dataset)[ANN] == "confirmed"


def test_removing_from_a_dataset_leaves_its_lists_first(bring_in, world, log, row, states):
    bring_in([HEADER, [ANN, "Ann", ""]], list=world.offers)
    run = bring_in([HEADER, [ANN, "", ""]], "remove")
    assert log(run) == ["DEL L ann@example.org", "DEL D ann@example.org"]
    assert row(ANN) is None and ANN not in states(world.offers)


def test_who_left_a_list_by_choice_keeps_a_row_when_removed_from_the_dataset(bring_in, world, row):
    bring_in([HEADER, [ANN, "Ann", ""]], list=world.offers)
    subscriptions.leave(world.offers, row(ANN), by=None, cause="self")
    db.session.commit()
    bring_in([HEADER, [ANN, "", ""]], "remove")
    assert (row(ANN)["state"], row(ANN)["left_by"], row(ANN)["first_name"]) == ("left", "importer", None)
    run = bring_in([HEADER, [ANN, "Ann", ""]], list=world.offers)
    assert counts(run) == {"protected": 1}


def test_who_only_signed_up_is_brought_in_by_an_import(bring_in, world, log, row, states):
    people = tables.table(world.dataset)
    db.session.execute(people.insert().values(
        address=ANN, address_key=ANN, state="unconfirmed", how="form", joined_at=clock.now()))
    waiting = members.find(world.dataset, ANN)
    db.session.add(Subscription(
        list_id=world.offers.id, member_id=waiting["id"], state="unconfirmed", joined_at=clock.now()))
    db.session.commit()
    run = bring_in([HEADER, [ANN, "Ann", "York"]], list=world.offers)
    assert (log(run), row(ANN)["state"], states(world.offers)[ANN]) == (
        ["ADD D ann@example.org", "ADD L ann@example.org"], "confirmed", "confirmed")


def test_who_left_by_choice_is_never_put_back(bring_in, world, found, log, states):
    subscriptions.leave(world.offers, world.dave, by=None, cause="self")
    db.session.commit()
    run = bring_in([HEADER, ["DAVE@example.org", "David", "York"], [ANN, "", ""]], list=world.offers)
    assert counts(run) == {"added": 1, "protected": 1}
    [(line, address, reason)] = found(run)["protected"]
    assert (line, address) == ("2", "dave@example.org") and "left" in reason
    assert states(world.offers)["dave@example.org"] == "left"
    assert not [entry for entry in log(run) if "dave" in entry]


def test_who_left_the_dataset_by_choice_is_never_put_back(bring_in, world, states):
    members.remove(world.dataset, world.dave, by=None, cause="self")
    db.session.commit()
    for target in (None, world.offers):
        assert counts(bring_in([HEADER, ["dave@example.org", "", ""]], list=target)) == {"protected": 1}
    assert states(world.dataset) == {"dave@example.org": "left"}


def test_whom_a_user_took_off_the_list_may_come_back_by_an_import(bring_in, world, log, states):
    subscriptions.leave(world.offers, world.dave, by=world.alice)
    db.session.commit()
    run = bring_in([HEADER, ["dave@example.org", "Dave", ""]], list=world.offers)
    assert (counts(run), log(run)) == ({"added": 1}, ["ADD L dave@example.org"])
    assert states(world.offers) == {"dave@example.org": "confirmed"}


@pytest.mark.parametrize("everywhere", [True, False])
def test_suppressed_addresses_are_never_added(bring_in, world, found, states, everywhere):
    group_id = 0 if everywhere else world.group.id
    db.session.add(Suppression(address_key=ANN, group_id=group_id, reason="complaint"))
    db.session.commit()
    run = bring_in([HEADER, ["Ann@Example.org", "", ""], [BEN, "", ""]], list=world.offers)
    assert counts(run) == {"added": 1, "protected": 1}
    assert found(run)["protected"][0][2] == "This address is suppressed."
    assert states(world.dataset).keys() == {"dave@example.org", BEN} == states(world.offers).keys()


def test_who_is_suppressed_after_the_check_is_left_out(bring_in, world, states, monkeypatch):
    def check_and_suppress(*arguments):
        found = check(*arguments)
        with db.engine.begin() as connection:
            connection.execute(Suppression.__table__.insert().values(
                created_at=clock.now(), address_key=ANN, group_id=0, reason="complaint", by=""))
        return found
    monkeypatch.setattr(running, "check", check_and_suppress)
    run = bring_in([HEADER, [ANN, "", ""], [BEN, "", ""]])
    assert counts(run) == {"added": 1, "unchanged": 1}
    assert ANN not in states(world.dataset)


def test_who_came_or_changed_after_the_check_is_left_alone(bring_in, world, row, log, monkeypatch):
    def check_and_change(*arguments):
        found = check(*arguments)
        members.add(world.dataset, ANN, {"first_name": "Own"}, by="test")
        members.change(world.dataset, world.dave, {"first_name": "Davy"}, by=None, cause="self")
        db.session.commit()
        return found
    monkeypatch.setattr(running, "check", check_and_change)
    run = bring_in([HEADER, [ANN, "File", ""], ["dave@example.org", "David", ""], [BEN, "", ""]], list=world.offers)
    assert counts(run) == {"added": 1, "unchanged": 2}
    assert log(run) == ["ADD D ben@example.org", "ADD L ben@example.org"]
    assert (row(ANN)["first_name"], row("dave@example.org")["first_name"]) == ("Own", "Davy")


@pytest.mark.parametrize("problem", [ZeroDivisionError("x"), PanicException("x")])
def test_an_error_of_ours_ends_the_run_in_words(bring_in, world, states, monkeypatch, problem):
    def break_down(*_arguments):
        raise problem
    monkeypatch.setattr(running, "check", break_down)
    run = bring_in([HEADER, [ANN, "", ""]], list=world.offers)
    assert (run.state, run.problem) == ("failed", running.BROKEN)
    assert ANN not in states(world.offers)


def test_a_download_that_is_broken_off_leaves_nothing_open(bring_in):
    run = bring_in(crowd(30))
    for _ in range(30):
        lines = findings.lines(run, "added")
        next(lines)
        lines.close()


def test_another_groups_suppression_does_not_count(bring_in, world):
    db.session.add(Suppression(address_key=ANN, group_id=world.carol.group_id, reason="complaint"))
    db.session.commit()
    assert counts(bring_in([HEADER, [ANN, "", ""]])) == {"added": 1}


def test_rejected_rows_are_told_with_row_column_value_and_reason(bring_in, found):
    rows = [["E-Mail", "First name", "City", "Birthday"], ["nobody", "", "", ""], ["", "Ann", "", ""],
            [BEN, "", "Atlantis", "2024-02-31"], *([f"p{number}@example.org", "", "", ""] for number in range(20))]
    run = bring_in(rows)
    assert counts(run) == {"added": 20, "rejected": 3}
    assert found(run)["rejected"] == [
        ("2", "E-Mail", "nobody", "An address has a name, an @ and a domain, such as ann@example.org."),
        ("3", "E-Mail", "", "The row has no address."),
        ("4", "City", "Atlantis", "City: “Atlantis” is none of its choices."),
        ("4", "Birthday", "2024-02-31", "Birthday must be a date like 2026-11-22.")]
    saved = Path(imports.summary(run)["rejects_file"]).read_bytes()
    assert saved.startswith(b"row,column,value,reason\r\n") and saved.count(b"\r\n") == 5


def test_ragged_rows_are_rejected_alone(bring_in, found):
    good = "".join(f"p{number}@example.org,\r\n" for number in range(9)).encode()
    run = bring_in(b"address,first_name\r\nann@example.org\r\n" + good)
    assert counts(run) == {"added": 9, "rejected": 1}
    assert found(run)["rejected"] == [("2", "", ANN, "The row has 1 cells instead of 2.")]


def test_of_rows_with_one_address_the_last_wins_and_the_others_are_told(bring_in, found, row):
    rows = [[ANN, "One", ""], [BEN, "", ""], ["ANN@example.org", "Two", ""], ["Ann@Example.org", "Three", ""]]
    run = bring_in([HEADER, *rows])
    assert counts(run) == {"added": 2, "rejected": 2} and run.counts["duplicates"] == 2
    assert row(ANN)["first_name"] == "Three"
    reason = "Row 5 has the same address; the last one counts."
    assert [(line, why) for line, _, _, why in found(run)["rejected"]] == [("2", reason), ("4", reason)]


def test_too_many_rows_in_error_fail_the_run_and_change_nothing(bring_in, world, states, found):
    bad = [["a", "", ""], ["b", "", ""]]
    run = bring_in([*crowd(7), *bad])
    assert run.state == "failed"
    assert run.problem.startswith("2 of 9 rows cannot be used, more than 20%. Nothing was changed.")
    assert states(world.dataset) == {"dave@example.org": "confirmed"}
    assert len(found(run)["rejected"]) == 2
    assert bring_in([*crowd(8), *bad]).state == "done"
    assert bring_in([*crowd(2), *bad], unusable=100).state == "done"
    assert "1 of 9 rows cannot be used, more than 0%" in bring_in([*crowd(8), bad[0]], unusable=0).problem


def test_a_mandatory_field_rejects_rows_without_value(bring_in, world, found, row):
    fields.create(world.dataset, "Number", "number", by="test", name="customer", required=True)
    db.session.commit()
    header = ["address", "customer", "city"]
    run = bring_in([header, [ANN, "1", ""], [BEN, "", ""]])
    assert counts(run) == {"added": 1, "rejected": 1}
    assert found(run)["rejected"] == [("3", "customer", "", "Number must be filled in.")]
    run = bring_in([header, [ANN, "", "York"]])
    assert counts(run) == {"changed": 1} and row(ANN)["customer"] == 1
    run = bring_in([header, [ANN, "", "Bristol"]], clear=["customer"])
    assert counts(run) == {"rejected": 1} and row(ANN)["city"] == "York"


def test_an_empty_value_keeps_or_clears(bring_in, row):
    bring_in([HEADER, [ANN, "Ann", "York"]])
    bring_in([HEADER, [ANN, "", ""]], clear=["city"])
    assert (row(ANN)["first_name"], row(ANN)["city"]) == ("Ann", None)


def test_every_type_of_field_is_brought_in_and_compared(bring_in, world, row):
    fields.create(world.dataset, "Points", "number", by="test", name="points")
    fields.create(world.dataset, "Agrees", "yesno", by="test", name="agrees")
    fields.create(world.dataset, "Tags", "choices", by="test", name="tags", choices=["a", "b", "c"])
    db.session.commit()
    header = ["address", "points", "agrees", "tags", "birthday", "city", "first_name"]
    rows = [header, [ANN, "1.5", "yes", "c, a", "1990-02-03", "york", "line\n\\.\nend"], [BEN, "", "", "", "", "", ""]]
    bring_in(rows)
    assert {name: row(ANN)[name] for name in header[1:]} == {
        "points": 1.5, "agrees": True, "tags": "a,c", "birthday": date(1990, 2, 3), "city": "York",
        "first_name": "line\n\\.\nend"}
    assert counts(bring_in(rows)) == {"unchanged": 2}
    run = bring_in([header, [ANN, "2", "no", "b", "1990-02-04", "Bristol", "x"]])
    told = json.loads(db.session.query(Change).filter_by(run_id=run.id).one().changes)
    assert told == {"points": [1.5, 2], "agrees": [True, False], "tags": ["a,c", "b"], "city": ["York", "Bristol"],
                    "birthday": ["1990-02-03", "1990-02-04"], "first_name": ["line\n\\.\nend", "x"]}


def test_a_lists_own_fields_are_told_on_the_lists_level(bring_in, draft, world, log, row):
    fields.create(world.dataset, "Seat", "text", by="test", name="seat", list=world.offers)
    db.session.commit()
    header = ["address", "first_name", "seat"]
    run = bring_in([header, [ANN, "Ann", "1A"]], list=world.offers)
    assert log(run) == ["ADD D ann@example.org", "ADD L ann@example.org"] and row(ANN)["seat"] == "1A"
    run = bring_in([header, [ANN, "Anna", "2B"]], list=world.offers)
    assert log(run) == ["UPD D ann@example.org", "UPD L ann@example.org"]
    entries = db.session.query(Change).filter_by(run_id=run.id).order_by(Change.id)
    assert [json.loads(entry.changes) for entry in entries] == [{"first_name": ["Ann", "Anna"]}, {"seat": ["1A", "2B"]}]
    with pytest.raises(Refused, match="no field “seat”"):
        imports.set_rules(draft([header, [ANN, "", ""]]), {"address": "address", "seat": "seat"}, "add", {}, by=None)


def test_many_fields_are_told_all(bring_in, world):
    names = [f"f{number}" for number in range(45)]
    for name in names:
        fields.create(world.dataset, name, "text", by="test", name=name)
    db.session.commit()
    bring_in([["address", *names], [ANN, *"a" * 45]])
    run = bring_in([["address", *names], [ANN, *"b" * 45]])
    told = json.loads(db.session.query(Change).filter_by(run_id=run.id).one().changes)
    assert told == {name: ["a", "b"] for name in names}


def test_what_a_subscriber_changed_himself_is_kept_where_the_user_wants_it(bring_in, world, row):
    bring_in([HEADER, [ANN, "Ann", "York"]])
    members.change(world.dataset, row(ANN), {"first_name": "Annie"}, by=None, cause="self")
    db.session.commit()
    run = bring_in([HEADER, [ANN, "Anna", "Bristol"]], overwrite=False)
    assert counts(run) == {"changed": 1}
    assert (row(ANN)["first_name"], row(ANN)["city"]) == ("Annie", "Bristol")
    assert counts(bring_in([HEADER, [ANN, "Anna", "Bristol"]], overwrite=False)) == {"unchanged": 1}
    bring_in([HEADER, [ANN, "Anna", "Bristol"]])
    assert row(ANN)["first_name"] == "Anna"


def test_a_dry_run_changes_nothing_and_can_be_applied(bring_in, world, log, states, found):
    run = bring_in([HEADER, [ANN, "Ann", ""], ["dave@example.org", "David", ""]], dry=True)
    assert (run.state, counts(run)) == ("staged", {"added": 1, "changed": 1})
    assert found(run)["added"] == [(ANN, "Ann", "")]
    assert not log(run) and states(world.dataset) == {"dave@example.org": "confirmed"}
    imports.apply(run, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert (run.state, counts(run)) == ("done", {"added": 1, "changed": 1})
    assert log(run) == ["ADD D ann@example.org", "UPD D dave@example.org"]


def test_applying_looks_at_the_list_again(bring_in, world):
    run = bring_in([HEADER, ["dave@example.org", "", ""], [ANN, "", ""]], list=world.offers, dry=True)
    assert counts(run) == {"added": 1, "unchanged": 1}
    subscriptions.leave(world.offers, world.dave, by=None, cause="self")
    imports.apply(run, by=world.alice)
    db.session.commit()
    assert counts(imports.wait(run.id)) == {"added": 1, "protected": 1}


def test_removing_many_waits_for_a_person(bring_in, world, log, states):
    bring_in(crowd(300))
    run = bring_in(crowd(239), "synchronise")
    assert (run.state, counts(run)) == ("needs_review", {"unchanged": 239, "removed": 61})
    assert run.problem == "This import would remove 61 of 301 people, more than 20 %."
    assert not log(run) and db.session.get(Dataset, world.dataset.id).busy_run_id is None
    imports.release(run, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert run.state == "done" and len(log(run)) == 61
    assert bring_in(crowd(189), "synchronise").state == "done"


def test_a_run_that_would_remove_too_many_can_go_on_without_its_removals(bring_in, world, log, states):
    bring_in(crowd(300))
    run = bring_in([*crowd(239), ["new@example.org", "", ""]], "synchronise")
    assert (run.state, counts(run)) == ("needs_review", {"added": 1, "unchanged": 239, "removed": 61})
    imports.spare(run, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert (run.state, counts(run)) == ("done", {"added": 1, "unchanged": 239})
    assert log(run) == ["ADD D new@example.org"]
    assert bring_in([*crowd(239), ["new@example.org", "", ""]], "synchronise").counts["removed"] == 61
    added = bring_in(crowd(239), dry=True)
    with pytest.raises(WrongState, match="synchronises"):
        imports.spare(added, by=world.alice)


def test_a_source_without_rows_waits_for_a_person(bring_in, world):
    run = bring_in([HEADER], "synchronise")
    assert (run.state, run.problem) == ("needs_review", "The source has no rows.")


def test_cancelling_works_until_applying_begins(bring_in, draft, world):
    run = bring_in([HEADER, [ANN, "", ""]], dry=True)
    imports.cancel(run, by=world.alice)
    db.session.commit()
    assert imports.wait(run.id).state == "cancelled"
    for verb in (imports.apply, imports.cancel, imports.release):
        with pytest.raises(WrongState):
            verb(run, by=world.alice)
        db.session.rollback()
    done = bring_in([HEADER, [ANN, "", ""]])
    with pytest.raises(WrongState, match="is done now"):
        imports.cancel(done, by=world.alice)


def test_rules_stay_once_a_run_has_started(bring_in, world):
    run = bring_in([HEADER, [ANN, "", ""]], dry=True)
    with pytest.raises(WrongState):
        imports.set_rules(run, run.mapping, "add", {}, by=world.alice)
    with pytest.raises(WrongState):
        imports.start(run, False, by=world.alice)


def test_while_one_import_applies_another_waits(draft, world, turn):
    first, second = draft(crowd(3)), draft(crowd(5))
    world.dataset.busy_run_id = first.id
    imports.start(second, False, by=world.alice)
    db.session.commit()
    imports.run_import(second.id)
    assert (load(second.id).state, imports.due()) == ("checking", [])
    world.dataset.busy_run_id = None
    db.session.commit()
    turn(3)
    assert imports.due() == [(imports.run_import, second.id)]
    db.session.commit()
    imports.run_import(second.id)
    assert load(second.id).state == "done"


def test_a_file_that_cannot_be_read_fails_with_its_sentence(draft, world):
    run = draft(b"address,city\nann@example.org,York\n")
    sources.path(run.storage).write_bytes(b'address,city\nann@example.org,"York\n')
    imports.start(run, False, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert run.state == "failed"
    assert run.problem == "Line 2 opens a quote that is never closed, or a cell that never ends."


def test_a_defect_of_ours_is_said_to_be_one(draft, world):
    run = draft(crowd(3))
    sources.forget(run.storage)
    imports.start(run, False, by=world.alice)
    db.session.commit()
    assert "error in Maestro" in imports.wait(run.id).problem


def test_files_and_lists_go_after_a_week(bring_in, draft, world, turn, found):
    over, forgotten = bring_in(crowd(3)), draft(crowd(3))
    turn(6 * 86_400)
    imports.tidy()
    assert len(found(over)["added"]) == 3
    turn(2 * 86_400)
    imports.tidy()
    assert not list(sources.folder().iterdir())
    assert db.session.get(ImportRun, forgotten.id).state == "cancelled"
    with pytest.raises(NotFound):
        found(db.session.get(ImportRun, over.id))


def test_a_number_once_given_is_never_given_again(bring_in, world, row):
    bring_in([HEADER, [ANN, "", ""]])
    first = row(ANN)["id"]
    bring_in([HEADER, [ANN, "", ""]], "remove")
    bring_in([HEADER, [ANN, "", ""]])
    assert row(ANN)["id"] > first
    added = members.add(world.dataset, BEN, {}, by="test")
    assert added["id"] > row(ANN)["id"]


def test_other_groups_lists_are_left_alone(bring_in, world, states):
    lists.create(world.dataset, "Second", by="test")
    db.session.commit()
    bring_in([["address"], [ANN]], dataset=world.foreign, list=world.foreign_list)
    assert states(world.foreign_list) == {ANN: "confirmed"}
    assert ANN not in states(world.dataset)


def test_nothing_of_a_users_words_becomes_a_path(draft, world):
    run = draft(crowd(1))
    assert sources.path(run.storage).parent == sources.folder()
    for key in ("../x", "", "a" * 31, "a" * 32 + "/"):
        with pytest.raises(ValueError):
            sources.path(key)


def test_staging_names_cannot_meet_the_names_of_fields(draft, world):
    for name in (
            "kind", "line", "member", "person", "place", "why", "was", "stale", "own", "shared", "key", "late", "new"):
        fields.create(world.dataset, name, "text", by="test", name=name)
    db.session.commit()
    assert Staging(draft([["address", "kind", "line"], [ANN, "a", "b"]])).stage.c.keys() == [
        "_line", "_hash", "address", "address_key", "kind", "line", "_new", "_new_key"]
