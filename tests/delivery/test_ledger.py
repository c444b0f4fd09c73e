"""The ledger as others use it: counting, reaping, moving by hand."""

import pytest
from sqlalchemy import create_engine, event, select, update
from sqlalchemy.orm import Session

from maestro.delivery import ledger
from maestro.extensions import db, reading
from maestro.lib.errors import WrongState
from maestro.models import RECIPIENT_STATES, Chunk, Recipient
from tests.delivery.conftest import rows, set_phase, states


def hold(job, number=1, until=1e12, fence=3):
    """As if a sender held a chunk."""
    db.session.execute(update(Chunk).where(Chunk.job_id == job.id, Chunk.number == number).values(
        state="claimed", lease_until=until, fence=fence, owner="x", tally=None))
    db.session.commit()


def put(job, numbers, state, **values):
    db.session.execute(update(Recipient).where(Recipient.job_id == job.id, Recipient.number.in_(numbers))
                       .values(state=state, **values))
    db.session.commit()


def test_every_state_is_counted(mailing):
    job = mailing(600)
    assert ledger.counts(job.id) == dict.fromkeys(RECIPIENT_STATES, 0) | {"queued": 600}


def test_who_is_with_a_sender_is_told_apart(mailing):
    job = mailing(600)
    hold(job)
    put(job, [1, 2, 3], "handed")
    assert states(job) == {"queued": 100, "claimed": 497, "handed": 3}
    assert ledger.in_flight(job.id)


def test_progress_costs_no_look_at_the_recipients(mailing):
    """With 1,000,000 recipients there are 2,000 chunks: only those at work are looked into."""
    job, seen = mailing(2600), []
    hold(job)
    listen = lambda *call: seen.append(call[2])
    event.listen(db.engine, "before_cursor_execute", listen)
    assert sum(ledger.counts(job.id).values()) == 2600
    event.remove(db.engine, "before_cursor_execute", listen)
    assert len(seen) <= 4
    tallied = db.session.scalars(select(Chunk.tally).where(Chunk.job_id == job.id)).all()
    assert tallied.count(None) == 1


def test_what_is_let_go_while_it_is_counted_is_counted_once(mailing, config):
    """Or a job would count as delivered with recipients that nobody has been sent anything."""
    job = mailing(20)
    hold(job, until=0)
    beside = create_engine(config.database_url)

    def let_go(*_call):
        """What the reaper does, from the moment that the first statement of the count has been carried out."""
        with Session(beside) as other:
            other.execute(update(Chunk).values(state="open", tally='{"0": 20}'))
            other.commit()

    db.session.rollback()
    event.listen(db.engine, "after_cursor_execute", let_go)
    with reading():
        found = ledger.left(job.id)
        db.session.rollback()
    event.remove(db.engine, "after_cursor_execute", let_go)
    beside.dispose()
    assert found.rows == 20


def test_what_a_dead_sender_held_is_given_back(mailing):
    job = mailing(700)
    hold(job, until=0)
    put(job, [1], "accepted")
    put(job, [2, 3], "handed")
    assert ledger.reap() == 1
    assert states(job) == {"accepted": 1, "unknown": 2, "queued": 697}
    assert ledger.is_due(job.id)
    assert not ledger.in_flight(job.id)


def test_a_chunk_that_is_finished_is_not_opened_again(mailing):
    job = mailing(20)
    hold(job, until=0)
    put(job, range(1, 20), "accepted")
    put(job, [20], "handed")
    ledger.reap()
    assert states(job) == {"accepted": 19, "unknown": 1}
    assert not ledger.open_work(job.id)
    assert ledger.left(job.id).rows == 0


def test_a_lease_that_lasts_is_respected(mailing):
    job = mailing(20)
    hold(job)
    assert ledger.reap() == 0
    assert ledger.in_flight(job.id)


def test_due_names_the_jobs_that_have_something_to_send(mailing, deliver):
    job = mailing(5)
    assert ledger.due() == [job.id]
    set_phase(job, "paused")
    assert ledger.due() == []
    set_phase(job, "sending")
    deliver(job)
    assert ledger.due() == []


def test_cancelling_takes_those_who_are_queued_and_nobody_else(mailing):
    job = mailing(1100)
    put(job, [1, 2], "accepted")
    put(job, [3], "unknown")
    assert ledger.cancel_queued(job.id) == 1097
    assert states(job) == {"accepted": 2, "unknown": 1, "cancelled": 1097}
    assert not ledger.open_work(job.id)


def test_a_retry_never_repeats_who_may_have_got_it(mailing, deliver, smtp_sink):
    job = mailing(10)
    states = "accepted rejected unknown suppressed cancelled expired render_error".split()
    for number, state in enumerate(states, 1):
        put(job, [number], state, attempt=2)
    assert ledger.requeue(job.id) == 3
    deliver(job)
    assert sorted(smtp_sink.recipients) == sorted(f"user{number}@example.org" for number in (5, 6, 7, 8, 9, 10))
    assert {row.attempt for row in rows(job, "accepted")} == {1, 2}


def test_a_person_decides_about_the_unconfirmed(mailing, deliver, smtp_sink):
    job = mailing(4)
    put(job, [1, 2, 3], "unknown")
    ledger.cancel_queued(job.id)
    assert ledger.resolve(job.id, "accepted", [1]) == 1
    assert ledger.resolve(job.id, "queued", [2, 4]) == 1
    deliver(job)
    assert smtp_sink.recipients == ["user2@example.org"]
    assert states(job) == {"accepted": 2, "unknown": 1, "cancelled": 1}
    assert ledger.resolve(job.id, "queued") == 1


def test_there_are_two_ways_to_decide(mailing):
    with pytest.raises(WrongState):
        ledger.resolve(mailing(1).id, "rejected")


def test_lines_are_listed_in_order_and_by_state(mailing, monkeypatch):
    monkeypatch.setattr(ledger, "PAGE", 7)
    job = mailing(20)
    put(job, [5, 9], "rejected", code=550, reply="5.1.1 unknown", done_at=1_000_000_000.25)
    assert [line["number"] for line in ledger.recipients(job.id)] == list(range(1, 21))
    assert [line["number"] for line in ledger.recipients(job.id, after=3, limit=10)] == list(range(4, 14))
    found = list(ledger.recipients(job.id, "rejected"))
    assert [line["number"] for line in found] == [5, 9]
    assert found[0] == {
        "number": 5, "address": "user5@example.org",
        "state": "rejected", "attempts": 0, "code": 550, "reply": "5.1.1 unknown",
        "handed_at": None, "done_at": "2001-09-09T01:46:40.250+00:00"}
