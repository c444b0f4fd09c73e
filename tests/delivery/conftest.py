"""A job that is ready to be sent to as many invented people as a test wants."""

import pytest
from sqlalchemy import BigInteger, insert, literal, select, update

from maestro.delivery import ledger, send
from maestro.delivery.servers import Route
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.models import Chunk, MailJob, Recipient, Subscription
from maestro.warehouse import tables

BODY = (b"Message-ID: <%d@news.example.org>\r\nFrom: news@example.org\r\nTo: %s\r\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello %s\r\n")


class Recipients:
    """What a job reads of each person, with the field first_name."""

    fields = {"first_name": "text"}

    def merge(self, row):
        return {"first_name": row["first_name"]}, row

    def envelope(self, row):
        return f"b{row['number']}@news.example.org"


class Message:
    """A message that names its recipient; it cannot be built for somebody called Nobody."""

    def render(self, values, row):
        if values["first_name"] == "Nobody":
            raise Refused("There is no message for Nobody.")
        return BODY % (row["number"], row["address"].encode(), (values["first_name"] or "you").encode())


def add_people(dataset, list, count):
    """People called Name1, Name2, ... on a list."""
    people = tables.table(dataset)
    rows = [{"address": f"user{number}@example.org", "address_key": f"user{number}@example.org", "state": "confirmed",
             "joined_at": clock.now(), "first_name": f"Name{number}"} for number in range(1, count + 1)]
    db.session.execute(insert(people), rows)
    db.session.execute(insert(Subscription).from_select(
        ["list_id", "member_id", "state", "how", "joined_at"],
        select(list.id, people.c.id, people.c.state, people.c.how, people.c.joined_at)
        .where(people.c.address != "dave@example.org").order_by(people.c.id)))


def make_job(world, to_dataset=False):
    job = MailJob(code=f"J{clock.now().timestamp()}", group_id=world.group.id, title="News", phase="launching",
                  dataset_id=world.dataset.id, list_id=None if to_dataset else world.offers.id,
                  from_address="news@example.org")
    db.session.add(job)
    db.session.flush()
    return job


def audience(job):
    people = tables.table(job.dataset)
    if not job.list_id:
        nobody = literal(None, BigInteger()).label("subscription_id")
        return select(people.c.id.label("member_id"), nobody, people.c.address, people.c.address_key).where(
            people.c.state == "confirmed")
    return (select(people.c.id.label("member_id"), Subscription.id.label("subscription_id"), people.c.address,
                   people.c.address_key)
            .join(Subscription, Subscription.member_id == people.c.id)
            .where(Subscription.list_id == job.list_id, Subscription.state == "confirmed"))


def set_phase(job, phase):
    db.session.execute(update(MailJob).where(MailJob.id == job.id).values(phase=phase))
    db.session.commit()
    db.session.refresh(job)


@pytest.fixture
def mailing(world):
    """`mailing(20)` is a job in phase sending whose ledger holds 20 recipients and Dave's line none."""
    def make(count, to_dataset=False):
        add_people(world.dataset, world.offers, count)
        leave_dave(world)
        job = make_job(world, to_dataset)
        db.session.commit()
        assert ledger.snapshot(job, audience(job))
        set_phase(job, "sending")
        return job
    return make


def leave_dave(world):
    """The cast's Dave would be one recipient more."""
    people = tables.table(world.dataset)
    db.session.execute(update(people).where(people.c.id == world.dave["id"]).values(state="left"))
    db.session.execute(update(Subscription).where(Subscription.member_id == world.dave["id"]).values(state="left"))


@pytest.fixture
def deliver(smtp_sink):
    """Send one slice of a job to the sink."""
    def slice(job, connections=3, scale=0.02, seconds=20, port=None, message=None, stop=None, **route):
        db.session.commit()
        to = Route("127.0.0.1", port or smtp_sink.port, "none", connections=connections, scale=scale)
        return send.send_slice(job, Recipients(), message or Message(), to._replace(**route), seconds=seconds,
                               stop=stop)
    return slice


def rows(job, state=None):
    db.session.rollback()
    found = select(Recipient).where(Recipient.job_id == job.id).order_by(Recipient.number)
    return db.session.scalars(found.where(Recipient.state == state) if state else found,
                              execution_options={"populate_existing": True}).all()


def states(job):
    """The states that occur, and how often: ({"accepted": 3})."""
    db.session.rollback()
    return {state: count for state, count in ledger.counts(job.id).items() if count}



@pytest.fixture
def seconds_pass(app):
    """Let a job's waiting be over: the database's clock cannot be turned, so what waits for it is."""
    def forward(job, seconds):
        for model in (Recipient, Chunk):
            db.session.execute(update(model).where(model.job_id == job.id).values(next_at=model.next_at - seconds)
                               .execution_options(synchronize_session=False))
        db.session.commit()
    return forward
