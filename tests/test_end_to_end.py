"""The main job, without pages: people, a message, a test, a delivery, one press to leave, and the line that says so."""

from email import message_from_bytes, policy

import pytest

from maestro.delivery import ledger, outbox
from maestro.extensions import db
from maestro.mailing import authorise, jobs, trial
from maestro.models import OutboxMessage, Post, Subscription
from maestro.warehouse import changes, lists, members, publishing, subscriptions

HTML = """<html><body><p>Hello {{first_name|friend}} from {{city|somewhere}},
<a href="https://www.example.org/spring?who={{first_name}}">look</a></p>
.BB &CITY = "York"
<p>See you in York.</p>
.EB
<p><a href="{{*UnsubscribeURL}}">Unsubscribe</a></p></body></html>"""
PEOPLE = {"zoe@example.org": {"first_name": "Zoë <b>", "city": "York"},
          "max@example.org": {"city": "Bristol"},
          "eve@example.org": {}}


@pytest.fixture
def job(world):
    for address, values in PEOPLE.items():
        subscriptions.join(world.offers, members.add(world.dataset, address, values, world.alice), world.alice)
    made = jobs.create(world.group, "Spring", world.alice, dataset_id=world.dataset.id, list_id=world.offers.id,
                       subject="{{first_name|Hello}}, spring", html=HTML,
                       from_address="news@example.org", from_name="Fern & Field")
    db.session.commit()
    return made


def deliver(job, by, work):
    trial.send(job, ["me@example.org"], by)
    trial.accept(job, by)
    authorise.authorise(job, "now", by, grace=0)
    db.session.commit()
    work()
    db.session.refresh(job)


def messages(job):
    """{address: parsed message} of what lies in the Outbox for a job."""
    found = db.session.query(OutboxMessage).filter_by(job_id=job.id)
    return {kept.address: message_from_bytes(outbox.read(kept), policy=policy.default) for kept in found}


def test_everybody_gets_exactly_what_was_written_and_is_accounted_for(job, world, work):
    deliver(job, world.alice, work)
    assert job.phase == "done"
    assert ledger.counts(job.id) == dict.fromkeys(ledger.counts(job.id), 0) | {"accepted": 4}
    assert job.audience == 4
    found = messages(job)
    assert set(found) == {"dave@example.org", *PEOPLE}
    zoe = found["zoe@example.org"]
    assert zoe["Subject"] == "Zoë <b>, spring"
    [sender] = zoe["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Fern & Field", "news@example.org")
    html = zoe.get_body(("html",)).get_content()
    assert "Hello Zoë &lt;b&gt; from York" in html
    assert "See you in York." in html
    assert "See you in York." not in found["max@example.org"].get_body(("html",)).get_content()
    assert "Hello friend from somewhere" in found["eve@example.org"].get_body(("plain",)).get_content()


def test_one_press_in_the_mail_program_leaves_the_list_and_the_change_log_says_so(job, world, work, client):
    deliver(job, world.alice, work)
    url = messages(job)["max@example.org"]["List-Unsubscribe"].split(">")[0].strip("<")
    path = url.partition("20080")[2]
    before = lists.counts(world.offers)
    assert client.get(path).status_code == 200
    assert lists.counts(world.offers) == before
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
    assert lists.counts(world.offers)["left"] == 1
    db.session.commit()
    publishing.publish("Europe/Berlin")
    *_, last = db.session.scalars(changes.entries())
    assert changes.line(last, "Europe/Berlin").endswith(
        f" DEL L {world.dataset.id} {world.offers.id} MAX@EXAMPLE.ORG 127.0.0.1")


def test_who_left_is_not_in_the_next_mailing(job, world, work):
    left = members.find(world.dataset, "max@example.org")
    subscriptions.leave(world.offers, left, "subscriber", cause="self")
    db.session.commit()
    deliver(job, world.alice, work)
    assert "max@example.org" not in messages(job)


def test_nothing_is_sent_within_the_grace_and_undo_makes_it_a_draft_again(job, world, work, turn):
    trial.send(job, ["me@example.org"], world.alice)
    trial.accept(job, world.alice)
    authorise.authorise(job, "now", world.alice, grace=60)
    db.session.commit()
    work()
    assert job.phase == "authorised"
    authorise.revoke(job, world.alice)
    db.session.commit()
    turn(120)
    work()
    assert (job.phase, job.audience) == ("open", 0)


def test_a_test_delivery_is_no_part_of_the_ledger(job, world, work):
    trial.send(job, ["me@example.org"], world.alice)
    db.session.commit()
    work()
    assert db.session.query(Post).filter_by(kind="test").one().state == "sent"
    kept = db.session.query(OutboxMessage).filter_by(address="me@example.org").one()
    assert message_from_bytes(outbox.read(kept), policy=policy.default)["Subject"].startswith("[Test] ")
    assert sum(ledger.counts(job.id).values()) == 0


def test_a_link_of_a_delivered_message_leads_where_it_was_written_to_lead(job, world, work, client):
    deliver(job, world.alice, work)
    html = messages(job)["zoe@example.org"].get_body(("html",)).get_content()
    path = html.partition("20080/l/")[2].partition('"')[0]
    answer = client.get(f"/l/{path}")
    assert answer.status_code == 302
    assert answer.location == "https://www.example.org/spring?who=Zo%C3%AB%20%3Cb%3E"
    assert db.session.query(Subscription).count() == 4
