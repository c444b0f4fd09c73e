"""Rows that say what they said last time are passed over: that changes nothing but how long an import takes."""

import random

import polars as pl
import pytest

from maestro.accounts import settings
from maestro.exchange import findings, imports, keeping, memory, remembering, sources
from maestro.extensions import db, reading
from maestro.lib import clock, crash
from maestro.lib.errors import MaestroError
from maestro.models import Change, ImportRun
from maestro.warehouse import datasets, fields, fieldwork, keys, lists, members, publishing, subscriptions
from tests.parts.importer import content

HEADER = ["address", "customer", "first_name", "city"]
ROWS = [HEADER, *([f"p{n}@example.org", f"C{n}", f"Pat{n}", "York"] for n in range(8))]


def same(run):
    return run.counts.get("same")


def changed(rows, place, column, text):
    """The rows with one cell changed."""
    rows = [list(row) for row in rows]
    rows[place][HEADER.index(column)] = text
    return rows


@pytest.fixture
def made(world):
    """A dataset with a list."""
    def make(name, key=None):
        dataset = datasets.create(world.group, name, by="test")
        for label in HEADER[1:]:
            fields.create(dataset, label, "text", by="test", name=label)
        list = lists.create(dataset, f"List of {name}", by="test")
        if key:
            keys.choose(dataset, key, by="test")
        db.session.commit()
        return list
    return make


def again(bring_in, list, rows=ROWS, **options):
    """Import into the list, when the publisher has numbered what was there."""
    db.session.commit()
    publishing.publish("UTC")
    return bring_in(rows, list=list, dataset=list.dataset, **options)


@pytest.fixture
def known(made, bring_in):
    """A list whose source has been read once."""
    list = made("Known")
    assert same(again(bring_in, list)) == 0
    return list


def person(list, place):
    return members.find(list.dataset, f"p{place}@example.org")


def test_only_what_a_source_says_anew_is_compared(known, bring_in):
    run = again(bring_in, known)
    assert (same(run), run.counts["staged"], run.counts["unchanged"]) == (8, 0, 8)
    run = again(bring_in, known, changed(ROWS, 3, "city", "Bath"))
    assert (same(run), run.counts["staged"], run.counts["unchanged"], run.counts["changed"]) == (7, 1, 7, 1)
    run = again(bring_in, known, changed(ROWS, 3, "city", "Bath"))
    assert (same(run), person(known, 2)["city"]) == (8, "Bath")


def test_whom_somebody_has_changed_is_compared(known, bring_in):
    members.change(known.dataset, person(known, 1), {"city": "Leeds"}, by="test")
    subscriptions.leave(known, person(known, 2), by=None, cause="self")
    members.remove(known.dataset, person(known, 3), by="test")
    db.session.commit()
    run = again(bring_in, known)
    assert (same(run), run.counts["changed"], run.counts["protected"], run.counts["added"]) == (5, 1, 1, 1)
    assert person(known, 1)["city"] == "York"


def another_run(list):
    """Another importer has gone into the same list: whom it has seen is no longer marked as ours."""
    db.session.add(ImportRun(dataset_id=list.dataset_id, list_id=list.id, importer_id=77, state="done",
                             ended_at=clock.now()))


def lost_file(list):
    for path in sources.folder().glob(f"*{remembering.ENDING}*"):
        path.unlink()


def undone(list):
    db.session.query(ImportRun).one().state = "undone"


@pytest.mark.parametrize("event", [another_run, lost_file, undone])
def test_without_a_memory_that_counts_every_row_is_compared(known, bring_in, event):
    event(known)
    db.session.commit()
    run = again(bring_in, known)
    assert (same(run), run.counts["unchanged"]) == (0, 8)
    assert same(again(bring_in, known)) == 8


def test_rows_that_are_read_in_another_way_are_compared(known, bring_in):
    assert same(again(bring_in, known, change={"city": {"case": "upper"}})) == 0
    assert person(known, 0)["city"] == "YORK"


def test_two_rows_of_one_person_are_both_compared(known, bring_in):
    """The first is as last time; the later one counts all the same."""
    rows = [*ROWS, ["P0@example.org", "C0", "Pat0", "Bath"]]
    run = again(bring_in, known, rows)
    assert (same(run), run.counts["rejected"], person(known, 0)["city"]) == (0, 1, "Bath")
    run = again(bring_in, known, [*ROWS, ROWS[4]])
    assert (run.counts["rejected"], person(known, 0)["city"]) == (1, "York")


def test_who_is_missing_goes_and_who_was_passed_over_stays(known, bring_in, states):
    run = again(bring_in, known, ROWS[:-1], mode="synchronise")
    assert (same(run), run.counts["removed"]) == (7, 1)
    assert states(known) == {f"p{n}@example.org": "confirmed" if n < 7 else "left" for n in range(8)}


def test_who_looks_at_a_check_sees_every_row_compared(known, bring_in, world):
    run = again(bring_in, known, dry=True)
    assert (same(run), run.counts["staged"]) == (0, 8)
    members.change(known.dataset, person(known, 0), {"city": "Leeds"}, by="test")
    imports.apply(run, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert (run.state, run.counts["changed"], person(known, 0)["city"]) == ("done", 1, "York")
    assert [same(again(bring_in, known)) for _ in range(2)] == [7, 8]


def test_who_has_to_decide_decides_about_rows_that_were_compared(known, bring_in):
    run = again(bring_in, known, ROWS[:2], mode="synchronise", guard=0)
    assert (run.state, same(run), run.counts["removed"]) == ("done", 1, 7)      # few are removed without asking
    rows = [HEADER, *([f"q{n}@example.org", f"D{n}", "Quin", "York"] for n in range(60))]
    again(bring_in, known, rows)
    run = again(bring_in, known, rows[:2], mode="synchronise")
    assert (run.state, same(run), run.counts["staged"], run.counts["removed"]) == ("needs_review", 0, 1, 60)


def test_another_run_between_reading_and_checking_lets_the_source_be_read_again(known, bring_in, monkeypatch):
    states = []

    def point(name):
        if name == "fetched":
            states.append(name)
            if len(states) == 1:
                bring_in(changed(ROWS, 1, "city", "Bath"), list=known, dataset=known.dataset)
    monkeypatch.setattr(crash, "point", point)
    run = again(bring_in, known)
    assert (len(states), same(run), run.counts["changed"], person(known, 0)["city"]) == (3, 0, 1, "York")


def test_a_cell_that_goes_into_another_field_is_another_row(known, bring_in):
    """The columns are called otherwise, and stand where they stood."""
    header = ["address", "customer", "city", "first_name"]
    again(bring_in, known, [header, *ROWS[1:]])
    assert (person(known, 0)["city"], person(known, 0)["first_name"]) == ("Pat0", "York")


def test_values_of_a_field_that_had_another_type_meanwhile_are_compared(known, bring_in):
    again(bring_in, known, changed(ROWS, 1, "customer", "007"))
    field = next(field for field in known.dataset.fields if field.name == "customer")
    for type in ("number", "text"):
        retype(known.dataset, field, type)
    run = again(bring_in, known, changed(ROWS, 1, "customer", "007"))
    assert (same(run), person(known, 0)["customer"]) == (0, "007")


def test_who_kept_an_address_of_his_own_is_compared(made, bring_in):
    list = made("Keyed", "customer")
    again(bring_in, list, key="customer")
    members.change(list.dataset, person(list, 0), {}, by=None, cause="self", address="own@example.org")
    for overwrite, found in ((False, "own@example.org"), (True, "p0@example.org")):
        again(bring_in, list, key="customer", overwrite=overwrite)
        assert members.find(list.dataset, found)


def retype(dataset, field, type):
    fieldwork.retype(dataset, field, type, by="test", empty=True)
    db.session.commit()
    fieldwork.do_field_work(dataset.id)
    db.session.commit()


def turn_a_bit(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-300] + bytes([whole[-300] ^ 1]) + whole[-299:])


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b""), lambda path: path.write_bytes(bytes(4096)),
                                  lambda path: path.write_bytes(path.read_bytes()[:-200]), turn_a_bit])
def test_a_damaged_memory_is_none(known, bring_in, harm):
    for path in sources.folder().glob(f"*{remembering.ENDING}*"):
        harm(path)
    run = again(bring_in, known)
    assert (run.state, same(run), run.counts["unchanged"]) == ("done", 0, 8)


@pytest.mark.parametrize("days, passed_over", [(0, 8), (1, 0), (2, 8)])
def test_what_the_change_log_may_have_lost_is_compared(known, bring_in, days, passed_over):
    settings.put("keep_changes", days, by="test")
    assert same(again(bring_in, known)) == passed_over


def rows_of(*pairs):
    return pl.DataFrame(pairs, keeping.SCHEMA, orient="row")


def test_a_memory_lies_in_several_files_and_meets_nobody_twice(tmp_path):
    keeping.write(tmp_path / "rows", [rows_of((5, 1), (-3, 2)), rows_of((4, 3))])
    paths = sorted(tmp_path.glob("rows*"))
    kept = keeping.read(paths, [1])
    assert (len(paths), kept.hashes.to_list(), kept.members.to_list()) == (2, [-3, 4], [2, 3])
    assert kept.find(pl.Series([-3, 5, 99])).to_list() == [2, None, None]
    for again in ([-3], [4, 4]):
        with pytest.raises(memory.Twofold):
            kept.find(pl.Series(again))


def test_a_number_that_two_rows_have_says_nothing(tmp_path):
    keeping.write(tmp_path / "rows", [rows_of((5, 1), (7, 2)), rows_of((5, 3))])
    with pytest.raises(memory.Twofold):
        keeping.read(sorted(tmp_path.glob("rows*")), [])


STEPS = 10
MODES = ("add-update", "synchronise")


class Twins:
    """Two lists to which the same happens: imports into one remember, those into the other compare every row."""

    def __init__(self, made, bring_in, world, seed):
        self.draw, self.bring_in, self.world = random.Random(seed), bring_in, world
        self.key, self.into_list = "customer" if seed % 2 else None, seed % 4 < 3
        self.lists = made("One", self.key), made("Other", self.key)
        self.rows = [list(row) for row in ROWS[1:]]
        self.passed_over, self.runs = 0, []

    def person(self, draw):
        return f"p{draw.randrange(10)}@example.org"

    def bring(self):
        options = {"overwrite": self.draw.random() < 0.6} | ({"key": self.key} if self.key else {})
        mode = self.draw.choice(MODES)
        self.runs = [
            self.bring_in([HEADER, *self.rows], mode, one if self.into_list else None, one.dataset, afresh=number == 1,
                          unusable=100, **options)
            for number, one in enumerate(self.lists)]
        self.passed_over += same(self.runs[0]) or 0
        for told in (told_counts, told_lists):
            assert told(self.runs[0]) == told(self.runs[1])

    def change_the_source(self):
        """A cell, a new row, a row less, a row twice, another address."""
        row = self.draw.choice(self.rows)
        number = self.draw.randrange(8, 14)
        new = [f"p{number}@example.org", f"C{number}", "Pat", "York"]
        self.draw.choice([
            lambda: row.__setitem__(3, self.draw.choice(["Bath", "York", "Leeds"])),
            lambda: self.rows.append(new), lambda: self.rows.remove(row), lambda: self.rows.append(list(row)),
            lambda: row.__setitem__(0, new[0]), lambda: row.__setitem__(0, "nowhere")])()
        self.rows = self.rows or [new]

    def happen(self):
        """Something on the web, to both."""
        address, other, deed = self.person(self.draw), self.person(self.draw), self.draw.randrange(6)
        city = self.draw.choice(["Hull", "York"])
        for one in self.lists:
            try:
                happens(one, deed, address, other, city)
                db.session.commit()
            except MaestroError:
                db.session.rollback()

    def undo(self):
        for run in self.runs:
            if run.state == "done":
                try:
                    imports.undo(run, by=self.world.alice)
                    db.session.commit()
                    imports.wait(run.id)
                except MaestroError:
                    db.session.rollback()


def happens(one, deed, address, other, city):
    dataset = one.dataset
    row = members.find(dataset, address)
    if deed == 0 or not row:
        members.put_on(one, address, {"city": city}, by="test")
    elif deed == 1:
        members.change(dataset, row, {"city": city}, by=None, cause="self")
    elif deed == 2:
        members.change(dataset, row, {"city": city}, by="test", address=other)
    elif deed == 3:
        subscriptions.leave(one, row, by=None, cause="self")
    elif deed == 4:
        members.remove(dataset, row, by="test")
    else:
        members.change(dataset, row, {}, by=None, cause="self", address=other)


def told_counts(run):
    return run.state, {name: count for name, count in run.counts.items() if name not in ("same", "staged", "planned")}


def told_lists(run):
    return {kind: sorted(findings.lines(run, kind)) for kind in findings.LISTS}


def told_log(list):
    entries = db.session.query(Change).filter_by(dataset_id=list.dataset_id).order_by(Change.id)
    return sorted(" ".join(map(str, [row.code, row.level, row.address, row.old_address, row.cause, row.changes]))
                  for row in entries)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_same_comes_of_it(made, bring_in, world, seed):
    twins = Twins(made, bring_in, world, seed)
    for _ in range(STEPS):
        twins.bring()
        for _ in range(twins.draw.randrange(2)):
            twins.change_the_source()
        for _ in range(twins.draw.randrange(2)):
            twins.happen()
        if twins.draw.random() < 0.1:
            twins.undo()
        if twins.draw.random() < 0.8:
            db.session.commit()
            publishing.publish("UTC")
        with reading():
            first, second = (content(one.dataset, one)[0] for one in twins.lists)
            db.session.commit()
        assert first == second
    first, second = map(told_log, twins.lists)
    assert first == second and twins.passed_over > 2 * STEPS
