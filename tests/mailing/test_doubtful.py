import pytest
from sqlalchemy import select, update

from maestro.delivery import ledger, tallies
from maestro.extensions import db
from maestro.lib.errors import WrongState
from maestro.mailing import authorise, doubtful
from maestro.models import AuditEntry, OutboxMessage, Recipient
from tests.writing import people, ready


@pytest.fixture
def ended(world, work):
    """A delivered job to three people, of whom one is unconfirmed."""
    people(world, 2)
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    work()
    second = (Recipient.job_id == job.id) & (Recipient.number == 2)
    db.session.execute(update(Recipient).where(second).values(state="unknown"))
    tallies.rest(job.id)
    db.session.commit()
    db.session.refresh(job)
    return job


def test_left_alone_they_stay_unconfirmed_and_it_is_told(ended, world):
    assert doubtful.settle(ended, "leave", by=world.alice) == 1
    assert ledger.counts(ended.id)["unknown"] == 1
    told = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "job.resolve")).all()
    assert told == [{"recipients": 1, "state": "leave"}]


def test_counted_as_delivered_nothing_is_sent(ended, world, work):
    doubtful.settle(ended, "delivered", by=world.alice)
    db.session.commit()
    work()
    assert ledger.counts(ended.id)["accepted"] == 3
    assert ended.phase == "done"


def test_sent_again_only_they_get_it(ended, world, work):
    before = db.session.query(OutboxMessage).count()
    doubtful.settle(ended, "again", by=world.alice)
    db.session.commit()
    work()
    db.session.refresh(ended)
    assert (ended.phase, ledger.counts(ended.id)["accepted"]) == ("done", 3)
    assert db.session.query(OutboxMessage).count() <= before + 1


def test_a_job_that_runs_or_has_nobody_unconfirmed_is_left_alone(ended, world):
    ended.phase = "sending"
    db.session.flush()
    with pytest.raises(WrongState, match="being sent"):
        doubtful.settle(ended, "leave", by=world.alice)
    ended.phase = "closed_failed"
    db.session.flush()
    with pytest.raises(WrongState, match="closed"):
        doubtful.settle(ended, "again", by=world.alice)
    doubtful.settle(ended, "delivered", by=world.alice)
    with pytest.raises(WrongState, match="nobody unconfirmed"):
        doubtful.settle(ended, "leave", by=world.alice)
