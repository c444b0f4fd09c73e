"""Logs hold one line an event and neither secrets nor addresses (I9, T20, T35)."""

import io
import json
import logging

import pytest

from maestro.lib import clock, logs
from maestro.models import User

SCRUB = logs.Scrubber("0" * 64)
TOKEN = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"


@pytest.mark.parametrize("text", [
    f"GET /lui/externalAction.do?token={TOKEN}", f"/u/{TOKEN}", f"/p/{TOKEN}", f"/o/{TOKEN}.gif", f"/l/{TOKEN}.data",
    f"/f/{TOKEN}", f"/v/{TOKEN}", f"/c/{TOKEN}?no=1", f"/reset/{TOKEN}", f"/setup/{TOKEN}",
    f"Authorization: Bearer {TOKEN}", f"authorization: Basic {TOKEN}", f"Cookie: sid={TOKEN}",
    f"Set-Cookie: __Host-sid={TOKEN}; Path=/", f"{{'password': '{TOKEN}'}}",
    f'{{"csrf_token": "{TOKEN}"}}', f"postgresql+psycopg://maestro:{TOKEN}@db.example.org/maestro",
    f"smtp://me:{TOKEN}@mail.example.org:587",
    f"PASSWORD={TOKEN}", f"api_key: {TOKEN}", f"MAESTRO_SECRET_KEY secret={TOKEN}"])
def test_what_opens_a_door_is_taken_out(text):
    assert TOKEN not in SCRUB(text)
    assert "***" in SCRUB(text)


@pytest.mark.parametrize("address", [
    "ann@example.org", "Ann.Archer+news@mail.example.org", "o'neil@example.org", "ä@example.org"])
def test_an_address_becomes_a_mark(address):
    assert "example.org" not in SCRUB(f"<{address}> was refused")
    assert SCRUB(f"to {address}: no") .startswith("to a:")


def test_the_mark_is_the_same_all_day_and_another_one_tomorrow():
    first, again = SCRUB("ann@example.org"), SCRUB("ANN@example.org")
    clock.clock.offset = 86_400
    try:
        tomorrow = SCRUB("ann@example.org")
    finally:
        clock.clock.offset = 0.0
    assert first == again != tomorrow
    assert len(first) == len("a:") + 8


@pytest.mark.parametrize("text", [
    "Job 12 was sent to 48,210 people.", "GET /admin/jobs/12 took 3 ms", "a @ b", "user@", "@example"])
def test_what_is_harmless_stays(text):
    assert SCRUB(text) == text


@pytest.mark.parametrize("hostile", [
    "a" * 100_000, "@" * 100_000, "a@" * 50_000, "token=" * 20_000, "x " * 50_000, ".-" * 50_000])
def test_long_hostile_text_costs_little(hostile):
    begun = clock.monotonic()
    SCRUB(hostile)
    assert clock.monotonic() - begun < 5


@pytest.fixture
def lines():
    """What is written for each event, in the given form."""
    def written(form, log):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form(SCRUB))
        logger = logging.getLogger("maestro.test")
        logger.propagate = False
        logger.addHandler(handler)
        try:
            log(logger)
        finally:
            logger.removeHandler(handler)
            logger.propagate = True
        return stream.getvalue()
    return written


@pytest.mark.parametrize("form", [logs.Lines, logs.Readable])
@pytest.mark.parametrize("hostile", ["a\nINFO forged", "a\r\nb", "\x1b[31mred", "\u2028line", "\x00", "a\x85b"])
def test_nobody_adds_a_line(lines, form, hostile):
    text = lines(form, lambda log: log.warning("%s", hostile))
    assert text.count("\n") == 1
    assert len(text.rstrip("\n").splitlines()) == 1
    assert "\x1b" not in text


def test_a_line_of_json_has_time_level_event_and_text(lines):
    event = json.loads(lines(logs.Lines, lambda log: log.warning("Job %d", 12)))
    assert (event["level"], event["event"], event["text"]) == ("warning", "maestro.test", "Job 12")
    assert event["time"].endswith("+00:00")


def test_a_traceback_is_scrubbed_too(lines):
    def broken(log):
        try:
            raise ValueError(f"password={TOKEN} of ann@example.org")
        except ValueError:
            log.exception("It broke.")
    for form in (logs.Lines, logs.Readable):
        text = lines(form, broken)
        assert TOKEN not in text
        assert "ann@" not in text
        assert "ValueError" in text


@pytest.fixture
def request_lines():
    """What is written about requests from here on: `request_lines()`, each as a dictionary."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines(SCRUB))
    logging.getLogger("maestro.requests").addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger("maestro.requests").removeHandler(handler)


def test_each_request_is_one_line_without_secrets_and_addresses(sqlite_app, request_lines):
    sqlite_app.config["WTF_CSRF_ENABLED"] = True
    client = sqlite_app.test_client()
    bob = sqlite_app.extensions["sqlalchemy"].session.query(User).filter_by(email="bob@example.org").one()
    client.get(f"/login?next=/reset/{TOKEN}&who=ann@example.org")
    client.post("/login", data={"email": "ann@example.org", "password": TOKEN})
    client.get(f"/u/{TOKEN}")
    client.get(f"/ann@example.org/{TOKEN}")
    client.get("/healthz", base_url="http://evil.example.org")
    client.as_(bob).get("/admin/lists/999?q=ann@example.org")
    client.post("/admin/jobs/12/pause")
    shown = [line["text"].partition(" in ")[0] for line in request_lines()]
    assert shown == ["GET /login 200", "POST /login 403", "GET /u/<token> 404", "GET (no page) 404",
                     "GET (no page) 400", "GET /admin/lists/999 404", "POST /admin/jobs/12/pause 403"]
    assert all(line["request"] and line["text"].endswith(" ms") for line in request_lines())
    assert request_lines()[5]["user"] == bob.id
    assert TOKEN not in str(request_lines())
    assert "ann@" not in str(request_lines())
