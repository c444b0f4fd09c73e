import pytest

from maestro.accounts import settings
from maestro.extensions import db
from maestro.mailing import preflight
from maestro.warehouse import subscriptions
from tests.writing import draft, ready


def said(job, state):
    return [item.sentence for item in preflight.checklist(job) if item.state == state]


def test_a_finished_job_has_nothing_against_it(world):
    job = ready(world)
    assert said(job, "bad") == []
    assert "1 person will get it." in said(job, "good")
    preflight.require(job)


@pytest.mark.parametrize(("content", "field", "sentence"), [
    ({"subject": ""}, "subject", "The subject is empty."), ({"html": " "}, "html", "The message is empty."),
    ({"from_address": ""}, "from_address", "The sender's address is missing."),
    ({"dataset_id": None, "list_id": None, "subject": "Hello", "html": "{{*UnsubscribeURL}}"}, "place", "No rec"),
    ({"html": "{{*UnsubscribeURL}} {{shop}}"}, "html", "HTML, line 1, column 21: "),
    ({"subject": "{{shop}}"}, "subject", "Subject, line 1")])
def test_what_keeps_a_job_from_going_out_is_said_with_its_field(world, content, field, sentence):
    found = [item for item in preflight.checklist(ready(world, **content)) if item.state == "bad"]
    assert [item.field for item in found] == [field]
    assert found[0].sentence.startswith(sentence)


def test_a_list_without_confirmed_people_keeps_the_job(world):
    subscriptions.leave(world.offers, world.dave, "test")
    assert "Nobody would get this" in said(ready(world), "bad")[0]


@pytest.mark.parametrize(("rule", "state"), [("required", ["bad"]), ("warn", ["warn"]), ("off", [])])
def test_the_test_is_required_warned_about_or_left_alone(world, rule, state):
    settings.put("test_required", rule, by=world.alice)
    job = draft(world)
    assert [item.state for item in preflight.checklist(job) if item.field == "test"] == state


def test_a_test_that_was_sent_still_wants_to_be_accepted(world):
    job = draft(world)
    job.tested_version = job.version
    db.session.flush()
    assert "accept it" in said(job, "bad")[0]


def test_a_change_after_the_test_says_so(world):
    job = draft(world)
    job.tested_version = job.version - 1
    db.session.flush()
    assert said(job, "bad")[0].startswith("The job changed after the last test.")
