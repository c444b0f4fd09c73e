"""Members, subscribers and the change log by token, with nothing set up."""

import json

import pytest
from sqlalchemy import update

from maestro import actions
from maestro.exchange import exporters, exports, spooling
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import ActionCall, Change, Dataset
from maestro.site import retention
from maestro.warehouse import downloads, publishing


def get(client, exporter, by, **asked):
    token = actions.show(actions.of("export", exporter, by), by)
    db.session.commit()
    return client.get("/lui/externalAction.do", query_string={"token": token} | asked)


def test_the_answer_is_the_data_and_says_how_much_it_is(client, world):
    answer = get(client, downloads.find(world.dataset, world.offers), world.alice)
    assert answer.data == b"address,first_name,city,birthday\r\ndave@example.org,Dave,,\r\n"
    assert (answer.headers["Content-Length"], answer.headers["X-Maestro-Rows"]) == (str(len(answer.data)), "1")
    assert answer.content_type == "text/csv; charset=utf-8"


def test_a_disabled_exporter_hands_out_nothing(client, world):
    exporter = downloads.find(world.dataset)
    exporters.switch(exporter, False, world.alice)
    assert get(client, exporter, world.alice).status_code == 409


def test_the_change_log_goes_on_where_it_was_left(client, world):
    db.session.commit()
    publishing.publish("Europe/Berlin")
    exporter = downloads.find(world.dataset, kind="changes")
    first = get(client, exporter, world.alice, format="jsonl")
    entries = [json.loads(line) for line in first.text.splitlines()]
    assert [entry["code"] for entry in entries] == ["ADD", "ADD"]
    assert first.headers["X-Maestro-Seq"] == str(entries[-1]["seq"])


def test_who_was_away_for_longer_than_the_log_is_kept_is_told(app, client, world, turn):
    db.session.commit()
    publishing.publish("UTC")
    exporter = downloads.find(world.dataset, kind="changes")
    assert "X-Maestro-Oldest" not in get(client, exporter, world.alice).headers
    turn(401 * 86400)
    retention.tidy()
    oldest = db.session.query(Change).one().seq
    db.session.rollback()
    gap, none = (get(client, exporter, world.alice, since=since) for since in (oldest - 2, oldest - 1))
    assert gap.headers["X-Maestro-Oldest"] == str(oldest) and "X-Maestro-Oldest" not in none.headers
    said = [app.test_cli_runner().invoke(args=["changelog", "--since", since, "--format", "text"]).stderr
            for since in (str(oldest - 2), str(oldest - 1))]
    assert said == [f"The log begins with entry {oldest} by now: older ones after {oldest - 2} are gone.\n", ""]


def test_an_idempotency_key_does_not_keep_the_data_back(client, world):
    exporter = downloads.find(world.dataset)
    first, second = (get(client, exporter, world.alice, key="tuesday") for _ in range(2))
    assert first.data == second.data and second.headers["X-Maestro-Rows"] == "1"


def test_data_is_made_for_two_calls_at_the_same_time_and_not_for_three(client, world):
    exporter = downloads.find(world.dataset)
    assert get(client, exporter, world.alice).status_code == 200
    action = actions.of("export", exporter, world.alice)
    for expected in (200, 429):
        db.session.add(ActionCall(action_id=action.id, ip="192.0.2.1", method="GET", key="", result="making",
                                  created_at=clock.now()))
        db.session.commit()
        answer = get(client, exporter, world.alice)
        assert answer.status_code == expected
    assert answer.headers["Retry-After"] == "11"


@pytest.mark.parametrize("asked", [
    {"since": "²"}, {"since": "9" * 5000}, {"since": "-1"}, {"list": "9" * 12}, {"format": "xml"}, {"code": "add"}])
def test_what_cannot_be_asked_of_the_change_log_is_refused_in_a_line(client, world, asked):
    answer = get(client, downloads.find(world.dataset, kind="changes"), world.alice, **asked)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert answer.text.startswith("FAILED: ")


def test_while_an_import_is_applied_it_says_when_to_come_again(client, world, monkeypatch):
    monkeypatch.setattr(exports, "PATIENCE", 0)
    world.dataset.busy_run_id = 1
    answer = get(client, downloads.find(world.dataset), world.alice)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.text.startswith("NOT NOW: An import is changing these people")


@pytest.mark.parametrize("kind", ["people", "changes"])
def test_others_write_while_the_data_is_made(client, world, monkeypatch, kind):
    """Millions of lines take minutes; on SQLite there is one writer."""
    def meanwhile(pieces):
        with db.engine.begin() as connection:
            connection.execute(update(Dataset.__table__).values(description="Written meanwhile"))
        return spool(pieces)
    spool = spooling.spool
    monkeypatch.setattr(spooling, "spool", meanwhile)
    answer = get(client, downloads.find(world.dataset, kind=kind), world.alice)
    db.session.refresh(world.dataset)
    assert (answer.status_code, world.dataset.description) == (200, "Written meanwhile")
