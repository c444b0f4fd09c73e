"""Synchronised both ways: a company's customers, a night, a day on both sides, a night; and somebody who checks it.

What holds is found out by a program that knows nothing of Maestro but its exports and its published files.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import checker, manual, visitors
from tests.parts.maestro import ROOT, outside
from tests.parts.two_sides import TwoSides
from tests.parts.visitors import Visitors

pytestmark = pytest.mark.xdist_group("mariadb")
COUNT = 20_000
ROWS = [("sqlite", "mysql", COUNT), ("postgresql", "postgresql", COUNT)]


@pytest.fixture(params=ROWS, ids=lambda row: f"{row[0]} beside {row[1]}")
def both(request, tmp_path, smtp_sink):
    """A Maestro beside a company with customers."""
    warehouse, kind, count = request.param
    url = request.getfixturevalue("postgres").create() if warehouse == "postgresql" else ""
    server = request.getfixturevalue("postgres" if kind == "postgresql" else "mariadb")
    with TwoSides(tmp_path, url, kind, server, smtp_sink) as both:
        both.count = count
        both.company.fill(1, count)
        yield both


ANN, BEN = ({"address": f"{name}@example.org", "city": "York", "seat": "1a"} for name in ("ann", "ben"))
HERE = {row["address"]: row for row in (ANN, BEN)}
ENTRY = {"code": "UPD", "level": "D", "address": "ann@example.org", "changes": {"city": ["York", "Bath"]}}


@pytest.mark.parametrize("now, entries, said", [
    (HERE, [], []),
    (HERE | {"ann@example.org": ANN | {"city": "Bath"}}, [ENTRY], []),
    (HERE | {"ann@example.org": ANN | {"city": "Bath"}}, [], [
        "city of ann@example.org in the dataset: 'York' by the log, 'Bath' is there"]),
    ({"ann@example.org": ANN}, [], ["ben@example.org is in the dataset only by the log",
                                    "ben@example.org is in the list only by the log"]),
])
def test_the_checker_replays_the_log(now, entries, said):
    replay = checker.Replay(HERE, HERE, ["seat"])
    for entry in entries:
        replay.do(entry)
    assert list(replay.differences(now, now)) == said


@pytest.mark.parametrize("entry", [
    ENTRY | {"changes": {"city": ["Leeds", "Bath"]}}, ENTRY | {"changes": {"city": ["York", "York"]}},
    ENTRY | {"code": "ADD"}, ENTRY | {"code": "DEL"},
    ENTRY | {"code": "DEL", "level": "L", "address": "cy@example.org"},
    ENTRY | {"code": "CHG", "old_address": "ann@example.org", "address": "ben@example.org"}])
def test_the_checker_refuses_an_entry_that_cannot_be(entry):
    with pytest.raises(AssertionError):
        checker.Replay(HERE, HERE, ["seat"]).do(entry)


def test_the_checker_names_what_is_not_the_same():
    theirs = {"ann@example.org": ANN | {"city": "Bath"}, "cy@example.org": BEN}
    assert list(checker.differences(HERE, theirs, ["city"])) == [
        "ben@example.org is only on the list", "cy@example.org is only in the table",
        "city of ann@example.org: 'York' on the list, 'Bath' in the table"]


def test_after_a_night_both_sides_are_the_same_and_the_change_log_says_why(both):
    count, few = both.count, both.count // 1000
    assert both.night()["added"] == count
    assert both.check()["log"] == {"ADD D": count, "ADD L": count}
    both.write_back()
    both.company.live(count)
    Visitors(both).live()
    found = both.night()
    assert (found["added"], found["rejected"]) == (few, 0)
    told = both.check()
    assert told["customers"] == count - len(visitors.LEAVE) - len(visitors.GO) + len(visitors.JOIN)
    assert both.conflicts() == visitors.CONFLICTS
    found = both.night()
    assert found["unchanged"] == told["customers"] and not both.check()["log"]
    follow_the_manual(both, told["customers"])


def follow_the_manual(both, people):
    """What a script does, in the manual's own words: import, wait, export, read on in the log, renew a token."""
    work = both.folder / "script"
    work.mkdir()
    (work / ".venv").symlink_to(Path(sys.prefix))
    nightly, listed, changes = (both.tokens[name].partition("=")[2] for name in ("nightly", "subscribers", "changes"))
    (work / "maestro.token").write_text(nightly)
    [start], [calls, out, renew] = manual.blocks("cron and wget"), manual.blocks("curl")
    script = "\n".join(["set -eu", manual.FLASK, manual.crontab_command(start), "echo", calls, "echo", out,
                        "mv changes.jsonl first.jsonl", out, renew])
    done = subprocess.run(
        ["sh", "-c", manual.made_true(script, both.maestro.url, work, nightly)], cwd=work, capture_output=True,
        text=True, timeout=300, env=outside() | both.maestro.settings | {
            "LIST_TOKEN": listed, "CHANGES_TOKEN": changes, "FLASK_APP": str(ROOT / "app.py")})
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    said = done.stdout.splitlines()
    assert said[0] == "OK" and said[1].startswith("OKRUNNING run=") and said[1].endswith("OK") and said[-1] == "404"
    assert len((work / "subscribers.csv").read_text().splitlines()) == people + 1
    last = [json.loads(line)["seq"] for line in (work / "first.jsonl").read_text().splitlines()][-1]
    assert ((work / "changes.jsonl").read_text(), (work / "last-seq").read_text()) == ("", f"{last}\n")
