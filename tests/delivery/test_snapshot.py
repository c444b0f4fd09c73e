"""Writing an audience into the ledger."""

import pytest
from sqlalchemy import false, func, select, update

from maestro.delivery import ledger, snapshot
from maestro.extensions import db
from maestro.models import Chunk, MailJob, Recipient, Suppression
from tests.delivery.conftest import add_people, audience, leave_dave, make_job, rows, set_phase, states


@pytest.fixture
def launching(world):
    def make(count):
        add_people(world.dataset, world.offers, count)
        leave_dave(world)
        job = make_job(world)
        db.session.commit()
        return job
    return make


def test_everybody_gets_a_line_and_lines_are_numbered_without_gaps(launching):
    job = launching(1234)
    assert ledger.snapshot(job, audience(job))
    assert [row.number for row in rows(job)] == list(range(1, 1235))
    assert (job.audience, len(rows(job)), states(job)) == (1234, 1234, {"queued": 1234})
    chunks = db.session.execute(select(Chunk.number, Chunk.low, Chunk.high).order_by(Chunk.number)).all()
    assert [tuple(chunk) for chunk in chunks] == [(1, 1, 500), (2, 501, 1000), (3, 1001, 1234)]


def test_who_is_suppressed_has_a_line_that_says_so(launching):
    job = launching(10)
    db.session.add(Suppression(address_key="user3@example.org", group_id=job.group_id, reason="complaint"))
    db.session.add(Suppression(address_key="user4@example.org", group_id=job.group_id + 1, reason="another group's"))
    db.session.commit()
    ledger.snapshot(job, audience(job))
    assert states(job) == {"queued": 9, "suppressed": 1}
    assert rows(job, "suppressed")[0].address == "user3@example.org"
    assert job.audience == 10


def test_it_goes_on_where_a_crash_left_it(launching, monkeypatch):
    monkeypatch.setattr(snapshot, "SLICE", 100)
    job = launching(250)

    class Crash(Exception):
        pass

    def crash(point):
        if point == "snapshot_slice" and len(rows(job)) == 200:
            raise Crash
    monkeypatch.setattr(snapshot.crash, "point", crash)
    with pytest.raises(Crash):
        ledger.snapshot(job, audience(job))
    db.session.rollback()
    assert len(rows(job)) == 200
    assert not ledger.open_work(job.id)
    monkeypatch.undo()
    assert ledger.snapshot(job, audience(job))
    assert [row.number for row in rows(job)] == list(range(1, 251))
    assert len({row.address_key for row in rows(job)}) == 250
    assert (job.audience, ledger.audit()) == (250, [])


def test_it_may_be_asked_for_again(launching):
    job = launching(30)
    assert ledger.snapshot(job, audience(job))
    assert ledger.snapshot(job, audience(job))
    assert (len(rows(job)), job.audience, states(job)) == (30, 30, {"queued": 30})


def test_a_job_that_is_not_launching_gets_no_ledger(launching):
    job = launching(5)
    set_phase(job, "paused")
    assert not ledger.snapshot(job, audience(job))
    assert len(rows(job)) == 0


def test_of_two_who_launch_one_goes_on(launching, monkeypatch):
    job = launching(50)
    progress = snapshot.progress
    monkeypatch.setattr(snapshot, "progress", lambda job: progress(job) + 1)
    assert not ledger.snapshot(job, audience(job))
    assert len(rows(job)) == 0


def test_nobody_at_all_is_an_audience_too(launching, world):
    add_people(world.dataset, world.offers, 1)
    leave_dave(world)
    job = make_job(world)
    nobody = audience(job).where(false())
    db.session.commit()
    assert ledger.snapshot(job, nobody)
    assert (job.audience, ledger.open_work(job.id), ledger.left(job.id).rows) == (0, False, 0)


def test_the_audit_tells_a_ledger_that_lacks_lines(launching):
    job = launching(5)
    ledger.snapshot(job, audience(job))
    set_phase(job, "sending")
    assert ledger.audit() == []
    db.session.execute(update(MailJob).where(MailJob.id == job.id).values(audience=6))
    assert ledger.audit() == [f"Job {job.code} was launched for 6 recipients; its ledger has 5."]


def test_jobs_have_ledgers_of_their_own(launching, world):
    first, second = launching(3), make_job(world)
    db.session.commit()
    for job in (first, second):
        ledger.snapshot(job, audience(job))
    assert db.session.scalar(select(func.count()).select_from(Recipient)) == 6
    assert states(first) == states(second) == {"queued": 3}
