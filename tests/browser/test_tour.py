"""The README's tour in small, in a real browser on a real installation; and what lies in the Outbox afterwards."""

import json
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from tests.browser import tour
from tests.parts.maestro import Maestro

GOOD, BAD = 198, 5


def expected(number):
    """Subject and visible words of the message to a person, as written."""
    _, first, city, points = tour.person(number)
    words = [f"Good morning, {first or 'friend'}", f"Come by in {city}"]
    if points > 50:
        words.append(f"You have {points} points.")
    return f"{first or 'Hello'}, spring is at the door", words


@pytest.fixture
def maestro(tmp_path):
    with Maestro(tmp_path / "data") as maestro:
        yield maestro


def test_from_the_set_up_link_to_a_delivered_mailing_and_one_who_leaves(page, maestro, tmp_path):
    job = tour.take(page, maestro, tmp_path, GOOD, BAD, picture=lambda name: None)
    mails = tmp_path / "mails"
    assert maestro.flask("outbox-export", "--job", job, "--to", str(mails))["messages"] == GOOD
    index = [json.loads(line) for line in (mails / "index.jsonl").read_text().splitlines()]
    parsed = {entry["address"]: message_from_bytes((mails / entry["file"]).read_bytes(), policy=policy.default)
              for entry in index}
    assert len(parsed) == GOOD
    for number in range(GOOD):
        message = parsed[f"person{number}@example.org"]
        subject, words = expected(number)
        html = message.get_body(("html",)).get_content()
        assert message["Subject"] == subject
        assert message["To"].addresses[0].addr_spec == f"person{number}@example.org"
        assert all(word in html for word in words), html
        assert ("points." in html) == (len(words) == 3)
    leave(page, maestro, parsed["person7@example.org"])


def leave(page, maestro, message):
    """Open the visible link, look, press, undo, press again; the change log says so."""
    url = message["List-Unsubscribe"].split(">")[0].strip("<")
    page.goto(url)
    page.get_by_role("button", name="Unsubscribe").first.click()
    expect(page.get_by_text("You are off")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Unsubscribe").first.click()
    lines = maestro.flask_text("changelog", "--format", "text").splitlines()
    assert [line.split()[2:4] for line in lines if "PERSON7@" in line] == [
        ["ADD", "D"], ["ADD", "L"], ["DEL", "L"], ["ADD", "L"], ["CON", "L"], ["DEL", "L"]]
