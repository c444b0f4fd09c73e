from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.mailing import jobs, preflight, trial
from maestro.models import OutboxMessage, Post
from tests.writing import draft, people


def mails(work):
    db.session.commit()
    work()
    kept = db.session.scalars(select(OutboxMessage)).all()
    return [message_from_bytes(outbox.read(one), policy=policy.default) for one in kept]


def test_a_test_is_the_real_message_with_a_mark_before_its_subject(world, work):
    job = draft(world)
    trial.send(job, ["me@example.org", "you@example.org"], by=world.bob)
    first, second = mails(work)
    assert {first["To"], second["To"]} == {"me@example.org", "you@example.org"}
    assert first["Subject"] == "[Test] Spring, Dave"
    assert "Hello Dave" in first.get_body(["html"]).get_content()


def test_a_test_is_merged_for_the_chosen_person(world, work):
    row = people(world, 1)[0]
    trial.send(draft(world), ["me@example.org"], by=world.bob, member_id=row["id"])
    assert mails(work)[0]["Subject"] == "[Test] Spring, P0"


def test_links_of_a_test_count_nothing(world, work):
    trial.send(draft(world), ["me@example.org"], by=world.bob)
    html = mails(work)[0].get_body(["html"]).get_content()
    assert 'href="https://www.example.org/spring"' in html
    assert "/o/" not in html and "/l/" not in html


@pytest.mark.parametrize(("to", "said"), [
    ([], "1 to 10"), (["a@example.org"] * 11, "1 to 10"), (["nobody"], "nobody"),
    (["ok@example.org", "a b@example.org"], "a b@")])
def test_wrong_addresses_are_refused_at_their_field_and_nothing_is_sent(world, to, said):
    with pytest.raises(Refused, match=said) as refusal:
        trial.send(draft(world), to, by=world.bob)
    assert refusal.value.field == "to"
    assert db.session.scalars(select(Post)).all() == []


def test_the_same_address_twice_gets_one_test(world, work):
    trial.send(draft(world), ["me@example.org", "ME@example.org"], by=world.bob)
    assert len(mails(work)) == 1


@pytest.mark.parametrize(("content", "field"), [({"html": "{{shop}}"}, "html"), ({"from_address": ""}, "from_address")])
def test_what_cannot_be_built_is_not_tested(world, content, field):
    with pytest.raises(Refused) as refusal:
        trial.send(draft(world, **content), ["me@example.org"], by=world.bob)
    assert refusal.value.field == field


def test_an_accepted_test_holds_until_the_job_changes(world):
    job = draft(world)
    with pytest.raises(Refused, match="no test of this version"):
        trial.accept(job, by=world.bob)
    trial.send(job, ["me@example.org"], by=world.bob)
    trial.accept(job, by=world.bob)
    preflight.require(job)
    jobs.change(job, world.bob, html=job.html + "<p>More</p>")
    with pytest.raises(Refused, match="changed after the last test"):
        preflight.require(job)
