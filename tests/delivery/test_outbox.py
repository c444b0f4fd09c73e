"""Safe mode: finished messages are kept, listed, read and thrown away."""

import json
import os
import threading

import pytest
from sqlalchemy import update

from maestro.delivery import ledger, outbox
from maestro.extensions import db
from maestro.models import AuditEntry, OutboxMessage, Subscription, Suppression
from maestro.warehouse import tables
from tests.delivery.conftest import Message, Recipients, rows, set_phase, states


@pytest.fixture
def fill(app):
    """Deliver one slice of a job into the Outbox."""
    def slice(job, **options):
        db.session.commit()
        return outbox.deliver_slice(job, Recipients(), Message(), **options)
    return slice


def listed(job):
    return outbox.page(job.group_id, job.id, size=1000).rows


def test_every_message_is_kept_as_it_would_have_been_sent(mailing, fill):
    job = mailing(620)
    result = fill(job)
    assert (result.sent, result.left, result.problem) == (620, 0, "")
    assert states(job) == {"accepted": 620}
    kept = listed(job)
    assert sorted(message.recipient for message in kept) == list(range(1, 621))
    one = next(message for message in kept if message.recipient == 17)
    assert (one.address, one.subject, one.group_id) == ("user17@example.org", "Grüße", job.group_id)
    assert outbox.read(one).startswith(b"Message-ID: <17@news.example.org>\r\n")
    assert outbox.read(one).endswith(b"Hello Name17\r\n")
    assert not ledger.open_work(job.id)


def test_who_left_is_suppressed_or_has_no_message_gets_none(mailing, fill, world):
    job = mailing(10)
    people, place = tables.table(world.dataset), rows(job)[2].subscription_id
    db.session.add(Suppression(address_key="user2@example.org", group_id=0, reason="bounce"))
    db.session.execute(update(Subscription).where(Subscription.id == place).values(state="left"))
    db.session.execute(update(people).where(people.c.address == "user4@example.org").values(first_name="Nobody"))
    assert fill(job).sent == 7
    assert states(job) == {"accepted": 7, "suppressed": 2, "render_error": 1}
    assert {message.recipient for message in listed(job)} == {1, 5, 6, 7, 8, 9, 10}
    assert ledger.left(job.id).rows == 0


def test_a_paused_job_is_not_filled(mailing, fill):
    job = mailing(5)
    set_phase(job, "paused")
    assert fill(job).sent == 0
    assert states(job) == {"queued": 5}


def test_being_told_to_stop_leaves_the_rest_queued(mailing, fill):
    job, stop = mailing(5), threading.Event()
    stop.set()
    assert fill(job, stop=stop).left == 5
    assert (states(job), ledger.in_flight(job.id)) == ({"queued": 5}, False)


def test_a_torn_file_does_not_disturb_what_comes_after(mailing, fill):
    job = mailing(3)
    outbox.folder().mkdir(parents=True)
    (outbox.folder() / f"job-{job.id}.z").write_bytes(b"left by a crash")
    fill(job)
    assert outbox.read(listed(job)[0]).startswith(b"Message-ID:")


def test_single_messages_are_kept_too(world):
    message = outbox.keep(world.group.id, "ann@example.org", "Hello", b"Subject: Hello\r\n\r\nHi\r\n")
    again = outbox.keep(world.group.id, "bob@example.org", "Hello", b"Subject: Hello\r\n\r\nHi Bob\r\n")
    assert outbox.read(message) == b"Subject: Hello\r\n\r\nHi\r\n"
    assert outbox.read(again).endswith(b"Hi Bob\r\n")
    assert message.job_id is None


def test_pages_are_newest_first_and_can_be_searched(world):
    for number in range(1, 13):
        outbox.keep(world.group.id, f"user{number}@example.org", f"Subject {number % 3}", b"x")
    outbox.keep(world.foreign.group_id, "user1@example.org", "Foreign", b"x")
    first = outbox.page(world.group.id, size=5)
    assert ([row.address for row in first.rows][:2], first.pages, first.total) == (
        ["user12@example.org", "user11@example.org"], 3, 12)
    assert len(outbox.page(world.group.id, number=3, size=5).rows) == 2
    assert outbox.page(world.group.id, number=99, size=5).number == 3
    assert [row.address for row in outbox.page(world.group.id, search="USER12@").rows] == ["user12@example.org"]
    assert outbox.page(world.group.id, search="subject 1").total == 4
    assert outbox.page(world.group.id, search="100%").total == 0


def test_a_job_is_exported_as_files(mailing, fill, tmp_path):
    job = mailing(3)
    fill(job)
    folder = tmp_path / "export"
    folder.mkdir()
    assert outbox.export(job.id, folder) == 3
    lines = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    assert lines[0] == {"address": "user1@example.org", "recipient": 1, "subject": "Grüße", "file": "00000001.eml"}
    assert (folder / "00000001.eml").read_bytes().endswith(b"Hello Name1\r\n")
    assert len(list(folder.iterdir())) == 4


def test_the_command_exports_and_the_book_says_so(app, mailing, fill, tmp_path):
    job = mailing(2)
    fill(job)
    told = app.test_cli_runner().invoke(args=["outbox-export", "--job", str(job.id), "--to", str(tmp_path / "to")])
    assert told.output == "messages: 2\n"
    entry = db.session.query(AuditEntry).filter_by(action="outbox.export").one()
    assert (entry.actor, entry.subject, entry.details) == ("command line", f"job {job.id}", {"messages": 2})


def test_what_is_cleared_is_gone_and_its_file_follows(mailing, fill, world):
    job = mailing(3)
    fill(job)
    single = outbox.keep(world.group.id, "ann@example.org", "Hello", b"x")
    db.session.commit()
    assert outbox.clear(world.group.id, job.id) == 3
    db.session.commit()
    outbox.tidy()
    assert len(list(outbox.folder().iterdir())) == 2               # somebody may still be writing
    for path in outbox.folder().iterdir():
        os.utime(path, (0, 0))
    outbox.tidy()
    assert [path.name for path in outbox.folder().iterdir()] == [single.file]
    assert outbox.clear(world.group.id) == 1
    assert db.session.query(OutboxMessage).count() == 0


def test_a_group_cannot_clear_what_is_another_groups(mailing, fill, world):
    job = mailing(2)
    fill(job)
    assert outbox.clear(world.foreign.group_id, job.id) == 0
    assert len(listed(job)) == 2
