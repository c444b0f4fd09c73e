"""The change log as it is read: its lines byte for byte, its other forms, and what narrows it."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from maestro.extensions import count, db
from maestro.models import Change
from maestro.warehouse import changes, publishing

MORNING = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # 09:00 in Berlin
NIGHT = datetime(2026, 11, 22, 1, 18, 26, tzinfo=UTC)
WEB = {"cause": "self", "ip": "192.0.2.7"}

PUBLISHED = """\
2026-11-22 09:00:00 ADD D 1 ANN@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:00:00 ADD L 1 24 ANN@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:00:00 CON L 1 24 ANN@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:10:00 UPD D 1 ANN@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:10:00 UPD L 1 24 ANN@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:20:00 CHG D 1 ANN@EXAMPLE.ORG ANNA@EXAMPLE.ORG 192.0.2.7
2026-11-22 09:30:00 DEL L 1 24 ANNA@EXAMPLE.ORG 192.0.2.7
2026-11-22 02:18:26 DEL L 1 1 BOB@EXAMPLE.ORG
2026-11-22 02:18:26 DEL D 1 BOB@EXAMPLE.ORG
"""


def at(minute):
    return MORNING.replace(minute=minute)


ENTRIES = [
    (at(0), "ADD", "D", None, "ann@example.org", WEB),
    (at(0), "ADD", "L", 24, "ann@example.org", WEB),
    (at(0), "CON", "L", 24, "ann@example.org", WEB),
    (at(10), "UPD", "D", None, "Ann@example.org", WEB | {"changes": '{"city": [null, "Zürich"]}'}),
    (at(10), "UPD", "L", 24, "ann@example.org", WEB),
    (at(20), "CHG", "D", None, "anna@example.org", WEB | {"old_address": "ann@example.org"}),
    (at(30), "DEL", "L", 24, "anna@example.org", WEB),
    (NIGHT, "DEL", "L", 1, "bob@example.org", {"cause": "bounce"}),
    (NIGHT, "DEL", "D", None, "bob@example.org", {"cause": "user", "actor": "alice@example.org"}),
]


@pytest.fixture
def log(app):
    """A log with the entries of the published example and nothing else."""
    db.session.query(Change).delete()
    for when, code, level, list_id, address, more in ENTRIES:
        db.session.add(
            Change(
                created_at=when,
                code=code,
                level=level,
                dataset_id=1,
                list_id=list_id,
                member_id=7,
                address=address,
                **more,
            )
        )
        db.session.flush()
    db.session.commit()
    publishing.publish("Europe/Berlin")
    return app


def written(form, **narrowed):
    return "".join(changes.written(changes.entries(**narrowed), form, "Europe/Berlin"))


def test_the_text_is_the_published_one_byte_for_byte(log):
    assert written("text") == PUBLISHED
    assert (changes.folder() / "2026-11-22.log").read_bytes() == PUBLISHED.encode()


def test_json_lines_have_every_fact(log):
    rows = [json.loads(line) for line in written("jsonl").splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, 10))
    assert list(rows[3]) == [
        "seq",
        "time",
        "code",
        "level",
        "dataset_id",
        "list_id",
        "address",
        "old_address",
        "changes",
        "cause",
        "actor",
        "run",
        "ip",
    ]
    assert rows[3] == {
        "seq": 4,
        "time": "2026-11-22T08:10:00Z",
        "code": "UPD",
        "level": "D",
        "dataset_id": 1,
        "list_id": None,
        "address": "Ann@example.org",
        "old_address": None,
        "changes": {"city": [None, "Zürich"]},
        "cause": "self",
        "actor": None,
        "run": None,
        "ip": "192.0.2.7",
    }
    assert "Zürich" in written("jsonl")


def test_csv_has_the_same_facts(log):
    rows = list(csv.DictReader(io.StringIO(written("csv"))))
    assert [row["seq"] for row in rows] == [str(number) for number in range(1, 10)]
    assert rows[8] == {
        "seq": "9",
        "time": "2026-11-22T01:18:26Z",
        "code": "DEL",
        "level": "D",
        "dataset_id": "1",
        "list_id": "",
        "address": "bob@example.org",
        "old_address": "",
        "changes": "",
        "cause": "user",
        "actor": "alice@example.org",
        "run": "",
        "ip": "",
    }
    assert json.loads(rows[3]["changes"]) == {"city": [None, "Zürich"]}


def test_the_log_is_narrowed_by_what_is_given(log):
    def numbers(**narrowed):
        return [entry.seq for entry in db.session.scalars(changes.entries(**narrowed))]

    assert numbers(since=6) == [7, 8, 9]
    assert numbers(list_id=24) == [2, 3, 5, 7]
    assert numbers(code="DEL") == [7, 8, 9]
    assert numbers(dataset_id=2) == numbers(datasets=[]) == []
    assert numbers(datasets=[1, 5], code="CHG") == [6]
    assert numbers(address="ANN@example.org") == [1, 2, 3, 4, 5, 6]
    assert numbers(first=at(20)) == [6, 7]
    assert numbers(last=MORNING) == [8, 9]
    assert count(changes.entries(code="DEL")) == 3


def test_a_long_log_is_read_in_pieces(log):
    assert [entry.seq for entry in changes.stream(changes.entries(), size=2)] == list(range(1, 10))


def test_an_entry_without_a_number_is_not_read_yet(log):
    db.session.add(
        Change(
            created_at=NIGHT, code="ADD", level="D", dataset_id=1, member_id=8, address="eve@example.org", cause="user"
        )
    )
    db.session.commit()
    assert "EVE" not in written("text")
    publishing.publish("Europe/Berlin")
    assert written("text", since=9) == "2026-11-22 02:18:26 ADD D 1 EVE@EXAMPLE.ORG\n"


def test_the_changes_of_a_dataset_are_read_in_order_by_an_index(world):
    """Batch by batch, millions of them: nothing may be sorted anew for each batch."""
    found = changes.entries(0, world.dataset.id).limit(2000).compile(db.engine, compile_kwargs={"literal_binds": True})
    sqlite = db.engine.dialect.name == "sqlite"
    if not sqlite:                                 # with a handful of rows it would rather sort them
        db.session.execute(text("SET LOCAL enable_sort = off"))
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = str(db.session.execute(text(f"EXPLAIN {'QUERY PLAN ' * sqlite}{found}")).all())
    assert "ix_change_numbered" in plan and "B-TREE" not in plan and "Sort" not in plan
