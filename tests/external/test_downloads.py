"""Members, subscribers and the change log by token, with nothing set up."""

import json

from maestro import actions
from maestro.exchange import exporters
from maestro.extensions import db
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
