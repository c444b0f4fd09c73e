import pytest
from sqlalchemy import update

from maestro.delivery import ledger, partitions, snapshot, tallies
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.mailing import audience, authorise, jobs, reopening, states
from maestro.models import Link, OutboxMessage, Recipient
from tests.writing import HTML, people, ready


def send(job, work):
    job.tested_version = job.accepted_version = job.version
    authorise.authorise(job, "now", "test", grace=0)
    db.session.commit()
    work()
    db.session.refresh(job)


@pytest.fixture
def half(world, work):
    """A failed job to four people of whom two have got it."""
    people(world, 3)
    job = ready(world)
    send(job, work)
    others = (Recipient.job_id == job.id) & (Recipient.number > 2)
    db.session.execute(update(Recipient).where(others).values(state="cancelled"))
    tallies.rest(job.id)
    job.phase = "failed"
    db.session.commit()
    return job


def links(job):
    return [(link.number, link.url) for link in db.session.query(Link).filter_by(job_id=job.id).order_by(Link.number)]


def test_the_rest_gets_the_corrected_mail_and_nobody_gets_it_twice(half, world, work):
    reopening.reopen(half, world.alice)
    jobs.change(half, world.alice, html=HTML.replace("/spring", "/autumn"))
    send(half, work)
    assert half.phase == "done" and ledger.counts(half.id)["accepted"] == half.audience == 4
    got = [mail.recipient for mail in db.session.query(OutboxMessage).order_by(OutboxMessage.id)]
    assert got == [1, 2, 3, 4, 3, 4]                        # the first four before two of them were cancelled by hand
    assert links(half) == [(1, "https://www.example.org/spring"), (2, "https://www.example.org/autumn")]


def test_the_rest_goes_to_the_same_recipients(half, world):
    reopening.reopen(half, world.alice)
    with pytest.raises(Refused, match="same recipients") as refusal:
        audience.choose(half, world.dataset, None, world.alice)
    assert refusal.value.field == "place"
    audience.choose(half, world.dataset, world.offers, world.alice)


def test_of_a_job_that_nobody_got_the_audience_is_chosen_anew(world, work):
    job = ready(world)
    authorise.authorise(job, "triggered", world.alice)
    states.move(job, "launch")
    db.session.commit()
    snapshot.snapshot(job, audience.query(job))
    ledger.cancel_queued(job.id)
    job.phase = "failed"
    db.session.commit()
    reopening.reopen(job, world.alice)
    assert (job.phase, job.audience, sum(ledger.counts(job.id).values())) == ("open", 0, 0)
    people(world, 2)
    send(job, work)
    assert (job.phase, job.audience, ledger.counts(job.id)["accepted"]) == ("done", 3, 3)


def test_a_launch_that_is_stopped_midway_cancels_everybody_who_was_taken_over(world, work):
    people(world, 2)
    job = ready(world)
    authorise.authorise(job, "triggered", world.alice)
    states.move(job, "launch")
    db.session.commit()
    partitions.make(job.id)
    db.session.commit()
    upto = snapshot.bound(audience.query(job).subquery(), 0)
    assert snapshot.take_over(job, audience.query(job).subquery(), 0, upto)
    authorise.stop(job, world.alice)
    db.session.commit()
    assert not snapshot.snapshot(job, audience.query(job))
    work()
    db.session.refresh(job)
    assert (job.phase, job.audience, ledger.counts(job.id)["cancelled"]) == ("failed", 3, 3)
    assert ledger.audit() == []


def test_a_message_that_cannot_be_built_any_more_fails_the_job_and_says_why(world, work):
    job = ready(world)
    authorise.authorise(job, "triggered", world.alice)
    job.html = "{{gone}}"
    authorise.deliver(job, world.alice)
    db.session.commit()
    work()
    db.session.refresh(job)
    assert job.phase == "failed" and "cannot be built" in job.problem
