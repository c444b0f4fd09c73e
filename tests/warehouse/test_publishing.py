"""The publisher: numbers without holes in the order of commits, and files that survive crashes and administrators."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.models import Change
from maestro.warehouse import changes, publishing

ROOT = Path(__file__).parent.parent.parent
ZONE = "Europe/Berlin"


def entry(number, when=None):
    return Change(
        created_at=when or clock.now(),
        code="ADD",
        level="D",
        dataset_id=1,
        member_id=number,
        address=f"p{number}@example.org",
        cause="user",
    )


def write(*numbers, when=None):
    db.session.add_all(entry(number, when) for number in numbers)
    db.session.commit()


def is_due():
    """As the scheduler asks: without holding what the publisher needs."""
    with reading():
        due = publishing.is_due()
    db.session.commit()
    return due


def numbered():
    """[(number, member)] in the order of numbers."""
    db.session.commit()
    return db.session.execute(
        select(Change.seq, Change.member_id).where(Change.seq.is_not(None)).order_by(Change.seq)
    ).all()


def in_files():
    """The members whose lines are in the files, in order."""
    lines = "".join(file.read_text() for file in sorted(changes.folder().glob("*.log"))).splitlines()
    return [int(line.split()[5][1:].partition("@")[0]) for line in lines]


@pytest.fixture
def log(app):
    """An empty log that nobody publishes but the test."""
    db.session.query(Change).delete()
    db.session.commit()
    return app


def publish_and_die(config, point):
    """Publish in a process of its own that is killed at `point`."""
    env = os.environ | {
        "MAESTRO_DATA": str(config.DATA),
        "MAESTRO_DATABASE_URL": config.DATABASE_URL,
        "MAESTRO_CRASH_AT": point,
        "MAESTRO_SECRET_KEY": config.SECRET_KEY,
        "MAESTRO_REDIS_URL": config.REDIS_URL,
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "changelog", "--format", "text"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def assert_whole(members):
    """Every line is in table and files once, in one order, with numbers from 1 without holes."""
    assert numbered() == [(number, member) for number, member in enumerate(members, 1)]
    assert in_files() == list(members)


def test_nothing_is_published_twice(log):
    assert not is_due()
    write(1, 2, 3)
    assert is_due()
    assert publishing.publish(ZONE) == 3
    assert not is_due()
    assert publishing.publish(ZONE) == 0
    write(4)
    assert publishing.publish(ZONE) == 1
    assert_whole([1, 2, 3, 4])


@pytest.mark.parametrize(
    "point", ["changes_numbered:1", "changes_numbered:2", "changes_appended:1", "changes_appended:2"]
)
def test_a_crash_loses_no_line_and_doubles_none(log, config, point):
    write(1, 2)
    publishing.publish(ZONE)
    write(3, 4, 5)
    if point.endswith("2"):
        publish_and_die(config, point.replace("2", "1"))
        write(6)
    publish_and_die(config, point.replace("2", "1"))
    write(7)
    publishing.publish(ZONE)
    assert_whole([1, 2, 3, 4, 5, 6, 7] if point.endswith("2") else [1, 2, 3, 4, 5, 7])


def test_a_torn_line_is_cut_off_and_written_again(log):
    write(1, 2)
    publishing.publish(ZONE)
    with open(next(changes.folder().glob("*.log")), "a") as file:
        file.write("2026-11-22 09:00:00 ADD D 1 P3@EXAM")
    write(3)
    publishing.publish(ZONE)
    assert_whole([1, 2, 3])


def test_a_file_that_an_administrator_deleted_begins_anew(log):
    write(1, 2)
    publishing.publish(ZONE)
    next(changes.folder().glob("*.log")).unlink()
    write(3)
    publishing.publish(ZONE)
    assert in_files() == [3]
    assert [member for _, member in numbered()] == [1, 2, 3]


def test_each_day_of_the_installations_clocks_has_a_file(log):
    midnight = clock.instant(
        clock.now().replace(tzinfo=None, year=2026, month=3, day=29, hour=0, minute=0, second=0), ZONE
    )
    write(1, when=midnight - timedelta(seconds=1))
    write(2, when=midnight)
    write(3, when=midnight - timedelta(seconds=2))
    publishing.publish(ZONE)
    folder = changes.folder()
    assert (folder / "2026-03-28.log").read_text().splitlines() == [
        "2026-03-28 23:59:59 ADD D 1 P1@EXAMPLE.ORG",
        "2026-03-28 23:59:58 ADD D 1 P3@EXAMPLE.ORG",
    ]
    assert (folder / "2026-03-29.log").read_text() == "2026-03-29 00:00:00 ADD D 1 P2@EXAMPLE.ORG\n"


def test_many_entries_go_in_several_steps(log, monkeypatch):
    monkeypatch.setattr(publishing, "BATCH", 7)
    write(*range(1, 31))
    assert publishing.publish(ZONE) == 30
    assert_whole(range(1, 31))


def test_two_publishers_at_once_take_turns(log):
    write(*range(1, 201))

    def run():
        with log.app_context():
            publishing.publish(ZONE)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert_whole(range(1, 201))


def test_a_slow_transaction_gets_its_numbers_when_it_commits(log):
    """What was begun first but committed last is not passed over by who reads with `since`."""
    if db.engine.dialect.name == "sqlite":  # there, nobody writes beside a transaction that writes
        write(2, 1)
        publishing.publish(ZONE)
    else:
        with Session(db.engine) as slow:
            slow.add(entry(1))
            slow.flush()
            write(2)
            assert publishing.publish(ZONE) == 1
            slow.commit()
        assert publishing.publish(ZONE) == 1
    assert_whole([2, 1])


def test_old_files_go_when_their_time_is_over(log):
    today = clock.today(ZONE)
    changes.folder().mkdir(parents=True, exist_ok=True)
    for days in (0, 9, 10, 11, 400):
        (changes.folder() / f"{today - timedelta(days=days)}.log").write_text("")
    publishing.tidy(ZONE, 0)
    assert len(list(changes.folder().glob("*.log"))) == 5
    publishing.tidy(ZONE, 10)
    assert sorted(file.stem for file in changes.folder().glob("*.log")) == sorted(
        str(today - timedelta(days=days)) for days in (0, 9, 10)
    )
