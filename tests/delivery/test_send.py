"""Sending by a mail server that behaves."""

import threading
from datetime import timedelta

from sqlalchemy import update

from maestro.delivery import ledger
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Account, MailJob, Subscription, Suppression
from maestro.warehouse import tables
from tests.delivery.conftest import Message, rows, set_phase, states
from tests.parts.waiting import until


def test_everybody_gets_one_message_and_is_booked(mailing, deliver, smtp_sink):
    job = mailing(40)
    result = deliver(job)
    assert (result.sent, result.left, result.problem, result.trouble) == (40, 0, "", "")
    assert sorted(smtp_sink.recipients) == sorted(f"user{number}@example.org" for number in range(1, 41))
    assert states(job) == {"accepted": 40}
    row = rows(job)[6]
    assert (row.code, row.reply, row.attempt) == (250, "2.0.0 Ok: queued as 4F0A", 1)
    assert row.handed_at <= row.done_at


def test_a_message_is_merged_with_the_values_of_its_person(mailing, deliver, smtp_sink):
    deliver(mailing(3))
    for sender, recipient, raw in smtp_sink.messages:
        number = recipient.removeprefix("user").partition("@")[0]
        assert sender == f"b{number}@news.example.org"
        assert raw.endswith(f"Hello Name{number}".encode())


def test_more_than_one_chunk_is_sent_and_all_are_closed(mailing, deliver, smtp_sink):
    job = mailing(1200)
    assert deliver(job, connections=5).sent == 1200
    assert len(set(smtp_sink.recipients)) == 1200
    assert not ledger.open_work(job.id)


def test_a_dataset_job_goes_to_its_members(mailing, deliver):
    job = mailing(5, to_dataset=True)
    assert deliver(job).sent == 5
    assert states(job) == {"accepted": 5}


def test_few_recipients_do_not_open_many_connections(mailing, deliver, smtp_sink):
    deliver(mailing(3), connections=10)
    assert smtp_sink.connections == 1


def test_a_connection_is_renewed_after_its_messages(mailing, deliver, smtp_sink):
    assert deliver(mailing(25), connections=1, messages=10).sent == 25
    assert smtp_sink.connections == 3


def test_who_was_suppressed_after_the_launch_gets_nothing(mailing, deliver, smtp_sink):
    job = mailing(30)
    db.session.add(Suppression(address_key="user7@example.org", group_id=job.group_id, reason="complaint"))
    db.session.add(Suppression(address_key="user8@example.org", group_id=0, reason="bounce"))
    db.session.add(Suppression(address_key="user9@example.org", group_id=job.group_id + 1, reason="another group's"))
    result = deliver(job)
    assert states(job) == {"accepted": 28, "suppressed": 2}
    assert {"user7@example.org", "user8@example.org"}.isdisjoint(smtp_sink.recipients)
    assert (result.sent, result.left, rows(job)[6].reply) == (28, 0, "suppressed")


def test_who_left_after_the_launch_gets_nothing(mailing, deliver, smtp_sink):
    job = mailing(30)
    db.session.execute(update(Subscription).where(Subscription.id == rows(job)[3].subscription_id).values(state="left"))
    deliver(job)
    assert states(job) == {"accepted": 29, "suppressed": 1}
    assert rows(job, "suppressed")[0].reply == "left the list"
    assert "user4@example.org" not in smtp_sink.recipients


def test_who_left_the_dataset_gets_nothing_of_a_dataset_job(mailing, deliver, world):
    job = mailing(6, to_dataset=True)
    people = tables.table(world.dataset)
    db.session.execute(update(people).where(people.c.address == "user2@example.org").values(state="left"))
    deliver(job)
    assert states(job) == {"accepted": 5, "suppressed": 1}


def test_who_began_to_pause_after_the_launch_gets_nothing(mailing, deliver):
    job, now = mailing(6), clock.now()
    for row, ends in zip(rows(job)[:3], (now + timedelta(days=30), now - timedelta(seconds=1), None), strict=True):
        change = update(Subscription).where(Subscription.id == row.subscription_id)
        db.session.execute(change.values(paused_until=ends))
    deliver(job)
    assert states(job) == {"accepted": 5, "suppressed": 1}
    assert [(row.address, row.reply) for row in rows(job, "suppressed")] == [("user1@example.org", "pauses")]


def test_who_pauses_everything_gets_nothing_of_a_dataset_job(mailing, deliver, world):
    job, now = mailing(6, to_dataset=True), clock.now()
    for row, ends in zip(rows(job)[:3], (now + timedelta(days=30), now - timedelta(seconds=1), None), strict=True):
        db.session.add(Account(dataset_id=world.dataset.id, member_id=row.member_id, paused_until=ends))
    deliver(job)
    assert states(job) == {"accepted": 5, "suppressed": 1}
    assert rows(job, "suppressed")[0].reply == "pauses"


def test_who_cannot_be_rendered_is_said_and_the_others_get_theirs(mailing, deliver, world):
    job = mailing(20)
    people = tables.table(world.dataset)
    db.session.execute(update(people).where(people.c.address.in_(["user1@example.org", "user11@example.org"]))
                       .values(first_name="Nobody"))
    result = deliver(job)
    assert states(job) == {"accepted": 18, "render_error": 2}
    assert rows(job, "render_error")[0].reply == "There is no message for Nobody."
    assert result.left == 0


def test_a_paused_job_is_not_sent(mailing, deliver, smtp_sink):
    job = mailing(5)
    set_phase(job, "paused")
    assert deliver(job).sent == 0
    assert states(job) == {"queued": 5}
    assert smtp_sink.messages == []


class PausesItself(Message):
    """Pauses the job, by another connection, while the fifth message is built."""

    def __init__(self, job):
        self.id, self.engine, self.built = job.id, db.engine, 0

    def render(self, values, row):
        self.built += 1
        if self.built == 5:
            pausing = threading.Thread(target=self.pause)
            pausing.start()
            pausing.join()
        return super().render(values, row)

    def pause(self):
        with self.engine.begin() as connection:
            connection.execute(update(MailJob).where(MailJob.id == self.id).values(phase="paused"))


def test_a_pause_is_honoured_by_every_later_hand_over(mailing, deliver, smtp_sink):
    job = mailing(400)
    deliver(job, connections=2, message=PausesItself(job))
    found = states(job)
    assert set(found) <= {"accepted", "queued"}
    assert 0 < found["accepted"] <= 5 + 2 * 4
    assert found["accepted"] == len(smtp_sink.messages)
    set_phase(job, "sending")
    deliver(job)
    assert states(job) == {"accepted": 400}
    assert len(set(smtp_sink.recipients)) == len(smtp_sink.messages) == 400


def test_being_told_to_stop_leaves_nothing_in_doubt(mailing, deliver, smtp_sink):
    job, stop = mailing(3000), threading.Event()
    smtp_sink.delay = 0.02

    def watch():
        until(lambda: len(smtp_sink.messages) >= 50)
        stop.set()
    watcher = threading.Thread(target=watch)
    watcher.start()
    result = deliver(job, connections=5, stop=stop)
    watcher.join()
    found = states(job)
    assert set(found) == {"accepted", "queued"}
    assert result.sent == found["accepted"] == len(smtp_sink.messages) < 3000
    assert not ledger.in_flight(job.id)


def test_a_slice_ends_with_its_last_message_though_the_sessions_end_there_too(mailing, deliver):
    job, hangs = mailing(40), threading.Event()
    guard = threading.Timer(20, hangs.set)
    guard.start()
    result = deliver(job, connections=2, messages=10, seconds=120, stop=hangs)
    guard.cancel()
    assert result.sent == 40 and not hangs.is_set()


def test_a_slice_ends_when_its_time_is_over(mailing, deliver, smtp_sink):
    job = mailing(200)
    smtp_sink.delay = 0.2
    result = deliver(job, connections=2, seconds=0.3)
    assert 0 < result.sent < 200
    assert states(job) == {"accepted": result.sent, "queued": 200 - result.sent}
