from datetime import timedelta

import pytest

from maestro.accounts import settings
from maestro.delivery import ledger
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.mailing import audience, authorise, jobs
from tests.writing import draft, people, ready


def test_a_job_sent_at_once_starts_after_its_grace(world, work, turn):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=60)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert job.phase == "authorised"
    turn(61)
    work()
    db.session.refresh(job)
    assert job.phase == "done"
    assert ledger.counts(job.id)["accepted"] == 1


def test_within_the_grace_it_can_be_undone(world, work, turn):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=60)
    authorise.revoke(job, world.alice)
    db.session.commit()
    turn(120)
    work()
    db.session.refresh(job)
    assert (job.phase, job.audience) == ("open", 0)


def test_a_scheduled_job_starts_at_its_time_without_grace(world, work, turn):
    job = ready(world)
    authorise.authorise(job, "at", world.alice, at=clock.now() + timedelta(hours=1), zone="Asia/Tokyo")
    db.session.commit()
    assert (job.grace, job.zone) == (0, "Asia/Tokyo")
    turn(3601)
    work()
    db.session.refresh(job)
    assert job.phase == "done"


@pytest.mark.parametrize("at", [None, timedelta(minutes=-1)])
def test_a_time_that_is_over_is_refused(world, at):
    with pytest.raises(Refused, match="over already") as refusal:
        authorise.authorise(ready(world), "at", world.alice, at=at and clock.now() + at)
    assert refusal.value.field == "at"


def test_a_triggered_job_waits_until_it_is_told_to_deliver(world, work):
    job = ready(world)
    authorise.authorise(job, "triggered", world.alice)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert job.phase == "authorised"
    authorise.deliver(job, world.alice)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert job.phase == "done"


def test_what_starts_by_itself_is_not_told_to_deliver(world):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=60)
    with pytest.raises(WrongState, match="by itself"):
        authorise.deliver(job, world.alice)


def test_an_untested_job_is_not_authorised(world):
    with pytest.raises(Refused, match="test delivery"):
        authorise.authorise(draft(world), "now", world.alice)


def test_a_job_that_changed_after_the_user_looked_is_not_authorised(world):
    job = ready(world)
    seen = job.version
    jobs.change(job, world.bob, subject="Something else")
    with pytest.raises(jobs.Stale):
        authorise.authorise(job, "now", world.alice, version=seen)


@pytest.mark.parametrize("grace", [-1, 601])
def test_a_grace_out_of_bounds_is_refused(world, grace):
    with pytest.raises(Refused, match="between 0 and 600"):
        authorise.authorise(ready(world), "now", world.alice, grace=grace)


def test_the_installations_grace_counts_when_none_is_asked_for(world):
    settings.put("grace", 30, by=world.alice)
    job = ready(world)
    authorise.authorise(job, "now", world.alice)
    assert job.grace == 30


def paused(world):
    people(world, 3)
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    return job


def test_a_stopped_job_cancels_who_was_not_reached_and_retry_reaches_them_once(world, work):
    job = paused(world)
    job.phase = "launching"
    db.session.commit()
    ledger.snapshot(job, audience.query(job))
    job.phase = "paused"
    db.session.commit()
    authorise.stop(job, world.alice)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert (job.phase, ledger.counts(job.id)["cancelled"]) == ("failed", 4)
    authorise.retry(job, world.alice)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert (job.phase, ledger.counts(job.id)["accepted"]) == ("done", 4)
    with pytest.raises(WrongState, match="nobody left"):
        authorise.retry(job, world.alice)


def test_a_failed_job_is_closed_or_opened_again(world):
    job = draft(world)
    job.phase = "failed"
    db.session.flush()
    authorise.VERBS["reopen"](job, world.alice)
    assert job.phase == "open"
    job.phase = "failed"
    db.session.flush()
    authorise.close(job, world.alice)
    assert (job.phase, job.state) == ("closed_failed", "completed")
