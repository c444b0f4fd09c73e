"""Refusals and failures: one plain sentence, and never what an exception says."""

import pytest
from flask import abort

from maestro.lib.errors import Forbidden, NotFound, NotNow, Refused, TooMany, WrongState

RAISED = {"refused": Refused("Plain sentence.", "name"), "gone": NotFound("Plain sentence."),
          "late": WrongState("Plain sentence."), "not": Forbidden("Plain sentence."),
          "slow": TooMany("Plain sentence.", 29.5), "busy": NotNow("Plain sentence."),
          "broken": ValueError("secret of the inside")}


@pytest.fixture
def browser(sqlite_app):
    """A client of an application that fails on demand, as it does in production."""
    @sqlite_app.get("/fail/<how>")
    def fail(how):
        if how in RAISED:
            raise RAISED[how]
        abort(int(how))

    sqlite_app.config["TESTING"] = False
    return sqlite_app.test_client()


@pytest.mark.parametrize("how, status", [
    ("refused", 422), ("gone", 404), ("late", 409), ("not", 403), ("slow", 429), ("busy", 503)])
def test_a_refusal_says_its_sentence_in_html_and_json(browser, how, status):
    page = browser.get(f"/fail/{how}")
    assert (page.status_code, "Plain sentence." in page.text) == (status, True)
    found = browser.get(f"/fail/{how}", headers={"Accept": "application/json"})
    assert found.status_code == status
    assert found.json == {"error": "Plain sentence.", "field": RAISED[how].field, "reference": None}


def test_who_is_too_fast_is_told_how_long_to_wait(browser):
    assert browser.get("/fail/slow").headers["Retry-After"] == "30"


def test_what_breaks_gives_a_reference_and_nothing_of_the_inside(browser):
    page = browser.get("/fail/broken")
    assert page.status_code == 500
    assert "Reference:" in page.text
    assert "secret" not in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("code", [400, 403, 404, 413, 503])
def test_errors_of_the_frame_are_pages_of_ours(browser, code):
    page = browser.get(f"/fail/{code}")
    assert page.status_code == code
    assert "<h1>" in page.text
    assert "Werkzeug" not in page.text


def test_a_wrong_method_says_which_are_right(browser):
    assert "GET" in browser.post("/fail/400").headers.get("Allow", "GET")


def test_a_foreign_host_is_refused_without_repeating_it(browser):
    page = browser.get("/login", headers={"Host": "evil.example.org"})
    assert page.status_code == 400
    assert "evil" not in page.text
