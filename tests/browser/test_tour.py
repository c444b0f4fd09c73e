"""The README's tour in small, in a real browser on a real installation; and what lies in the Outbox afterwards."""

import json
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from tests.browser import tour
from tests.parts.maestro import Maestro

GOOD, BAD = 198, 5


@pytest.fixture
def maestro(tmp_path):
    with Maestro(tmp_path / "data") as maestro:
        yield maestro


def test_from_the_set_up_link_to_a_delivered_mailing_and_one_who_leaves(page, maestro, tmp_path):
    job = tour.take(page, maestro, tmp_path, GOOD, BAD, picture=lambda name: None)
    mails = tmp_path / "mails"
    assert maestro.flask("outbox-export", "--job", job, "--to", str(mails))["messages"] == GOOD
    mail = {entry["address"]: mails / entry["file"]
            for entry in map(json.loads, (mails / "index.jsonl").read_text().splitlines())}
    assert len(mail) == GOOD
    tour.check(mail.values(), GOOD)
    leave(page, maestro, message_from_bytes(mail["person7@example.org"].read_bytes(), policy=policy.default))


def leave(page, maestro, message):
    """Open the visible link, look, press, undo, press again; the change log says so."""
    page.goto(tour.leaving_url(message))
    page.get_by_role("button", name="Unsubscribe").first.click()
    expect(page.get_by_text("You are off")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Unsubscribe").first.click()
    lines = maestro.flask_text("changelog", "--format", "text").splitlines()
    assert [line.split()[2:4] for line in lines if "PERSON7@" in line] == [
        ["ADD", "D"], ["ADD", "L"], ["DEL", "L"], ["ADD", "L"], ["CON", "L"], ["DEL", "L"]]
