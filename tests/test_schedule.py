"""The scheduler's turn: every part of it works, one scheduler does it, and nothing is kept for ever by accident."""

import os
from datetime import timedelta

from maestro import leases, schedule
from maestro.accounts import settings
from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib import clock
from maestro.warehouse import changes


def test_a_turn_does_everything_once_and_again_when_its_time_has_come(app, turn):
    last = {}
    schedule.tick(last)
    assert set(last) == {"lease", *(work for _, work in schedule.PERIODIC)}
    first = dict(last)
    turn(1.5)
    schedule.tick(last)
    assert {work for work in last if last[work] != first[work]} == {
        schedule.publish, schedule.ring_for_due, schedule.launching.launch_due}


def test_who_does_not_hold_the_lease_stands_by(app, monkeypatch):
    leases.take("scheduler", 60)
    db.session.commit()
    monkeypatch.setattr(leases, "OWNER", "elsewhere:1")
    last = {}
    schedule.tick(last)
    assert not last


def test_files_go_when_nobody_needs_them_any_more(app, world):
    settings.put("changelog_days", 10, by=world.root)
    outbox.keep(world.group.id, "ann@example.org", "Hello", b"x")
    outbox.clear(world.group.id)
    db.session.commit()
    changes.folder().mkdir(parents=True, exist_ok=True)
    logs = [changes.folder() / f"{clock.today('Europe/Berlin') - timedelta(days=days)}.log" for days in (10, 11)]
    for path in logs:
        path.write_text("")
    for path in outbox.folder().iterdir():
        os.utime(path, (0, 0))
    schedule.tidy_files()
    assert [path.exists() for path in logs] == [True, False]
    assert not list(outbox.folder().iterdir())
