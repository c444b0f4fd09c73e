"""Opens and clicks, answered ahead of Flask. A link never leads anywhere but where its job says."""

import re
from email import message_from_bytes, policy

import pytest

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.mailing import authorise
from maestro.models import Hit, Link, OutboxMessage
from tests.parts.waiting import until
from tests.writing import ready

LINKS = """<p>Hello {{first_name|friend}}</p>
<a href="https://www.example.org/spring?a=1&amp;b=2">One</a>
<a href="https://shop.example.org/{{city|all}}?who={{first_name}}">Two</a>
<p>{{*SenderAddress}} <a href="{{*UnsubscribeURL}}">Unsubscribe</a></p>
"""


@pytest.fixture
def mail(world, work):
    """The HTML that Dave got."""
    job = ready(world, html=LINKS)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    work()
    raw = outbox.read(db.session.query(OutboxMessage).one())
    return message_from_bytes(raw, policy=policy.default).get_body(["html"]).get_content()


def paths(mail, start):
    return [found.partition("20080")[2] for found in re.findall(rf'"(http://127.0.0.1:20080{start}[^"]*)"', mail)]


def hits():
    found = [(hit.kind, hit.link, hit.machine) for hit in db.session.query(Hit).order_by(Hit.id)]
    db.session.rollback()                          # nothing is held while the writer has its turn
    return found


def test_a_click_leads_to_the_jobs_target_and_is_counted(client, mail):
    answer = client.get(paths(mail, "/l/")[0])
    assert (answer.status_code, answer.location) == (302, "https://www.example.org/spring?a=1&b=2")
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store"
    until(lambda: hits() == [("click", 1, False)])


def test_a_link_with_merge_fields_leads_to_what_the_person_had_when_it_was_sent(client, mail, world):
    [path] = [path for path in paths(mail, "/l/") if "." in path]
    assert client.get(path).location == "https://shop.example.org/all?who=Dave"


def test_an_open_is_a_picture_and_is_counted(client, mail):
    answer = client.get(paths(mail, "/o/")[0])
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    until(lambda: hits() == [("open", None, False)])


def test_what_a_scanner_or_a_head_request_does_is_not_counted_as_a_person(client, mail):
    client.head(paths(mail, "/l/")[0])
    client.get(paths(mail, "/l/")[0], headers={"User-Agent": "Barracuda Sentinel"})
    until(lambda: hits() == [("click", 1, True)])


@pytest.mark.parametrize("tail", [
    "", "x", "//evil.example", "https://evil.example/", "\\\\evil.example", "%2F%2Fevil.example", "https:evil.example",
    "a@evil.example", "x%0d%0aLocation:%20https://evil.example", "A" * 40, "A" * 5000, "é",
    "aWwAAAAA.aHR0cHM6Ly9ldmlsLmV4YW1wbGU"])
def test_what_we_did_not_sign_leads_nowhere(client, world, tail):
    answer = client.get(f"/l/{tail}")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_no_letter_of_a_link_can_be_changed(client, mail):
    for path in paths(mail, "/l/"):
        for at in range(3, len(path), 3):
            changed = path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1:]
            answer = client.get(changed)
            assert answer.status_code == 404 or answer.location == client.get(path).location


def test_a_broken_picture_is_still_a_picture_and_counts_nothing(client, world):
    assert client.get("/o/nothing.gif").mimetype == "image/gif"
    assert hits() == []


def test_a_link_of_a_job_that_is_gone_leads_nowhere(client, mail):
    path = paths(mail, "/l/")[0]
    db.session.query(Link).delete()
    db.session.commit()
    assert client.get(path).status_code == 404


def test_other_methods_are_not_for_tracking(client, mail):
    assert client.post(paths(mail, "/l/")[0]).status_code in (404, 405)
