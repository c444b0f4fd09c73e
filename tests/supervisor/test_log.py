"""What the one log looks like."""

import pytest

from maestro.supervisor import log


@pytest.mark.parametrize("line, shown", [
    ('{"time": "2026-11-22T09:00:00.123+00:00", "level": "info", "event": "maestro.send", "text": "Done"}',
     "09:00:00 info    maestro.send: Done"),
    ('{"time": "2026-11-22T09:00:00.123+00:00", "level": "warning", "event": "x", "text": "-", "job_id": 7, "user": 0}',
     "09:00:00 warning x: - job_id=7"),
    ("[ERROR] not ours", "[ERROR] not ours"),
    ('{"other": "json"}', '{"other": "json"}'),
    ("17", "17"),
    ("[1, 2]", "[1, 2]"),
    ("", ""),
])
def test_events_are_shown_for_people_and_other_lines_as_they_are(line, shown):
    assert log.readable(line) == shown


def test_each_line_says_whose_it_is(capsys):
    log.say("hello", "web")
    assert capsys.readouterr().err == "web        | hello\n"
