"""What every command has in common: one object on stdout, a sentence on stderr, and the exit status."""

import json

import pytest

from app import create_app
from maestro.extensions import db
from tests.conftest import make_config
from tests.writing import ready


def run(app, *words, stdin=""):
    """The exit status, and the one object on stdout."""
    result = app.test_cli_runner().invoke(args=[*map(str, words), "--json"], input=stdin)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("words, field", [
    (("group-create",), "name"), (("count",), None), (("count", "--list", "one"), "list"),
    (("count", "--list", 1, "--dataset", 1), None), (("export", "--list", 1, "--format", "xml"), "format"),
    (("job-authorise", 1), None), (("job-authorise", 1, "--now", "--triggered"), None)])
def test_wrong_usage_is_an_object_too(app, words, field):
    status, found = run(app, *words)
    assert (status, found["field"]) == (2, field)
    assert found["error"]


@pytest.mark.parametrize("number", [0, 99, 2**31, 2**63, 10**30])
def test_a_number_that_nothing_has_is_not_found_whatever_its_size(app, number):
    for words in (("count", "--list", number), ("job-show", number), ("wait", "run", number, "--until", "done",
                                                                      "--timeout", "0")):
        assert run(app, *words)[0] == 3


def test_the_change_log_after_a_number_without_end_is_empty(app):
    result = app.test_cli_runner().invoke(args=["changelog", "--since", "9" * 30, "--format", "text"])
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("words, field", [
    (("--now", "--zone", "Nowhere/City"), "zone"), (("--at", "2040-01-01T09:00", "--zone", "../etc"), "zone"),
    (("--at", "2040-01-01T09:00Z", "--zone", "Nowhere"), "zone"), (("--at", "soon"), "at"),
    (("--at", "0001-01-01T00:00", "--zone", "Asia/Tokyo"), "at"), (("--now", "--grace", 10**20), "grace")])
def test_a_time_that_cannot_be_is_refused(app, world, words, field):
    number = ready(world).id
    db.session.commit()
    status, found = run(app, "job-authorise", number, *words)
    assert (status, found["field"]) == (1, field)


def test_text_that_is_no_utf_8_is_refused(app):
    assert run(app, "user-create", "x@example.org", "--group", "News", "--role", "viewer", stdin=b"\xff no text") == (
        1, {"error": "Send text in UTF-8.", "field": None})


def test_a_folder_that_cannot_be_made_is_named(app, world):
    made = run(app, "job-create", "--title", "T", "--list", world.offers.id, "--subject", "S", "--from",
               "news@example.org")[1]["id"]
    assert run(app, "outbox-export", "--job", made, "--to", "/dev/null/x") == (
        1, {"error": "/dev/null/x: Not a directory.", "field": None})


def test_waiting_for_a_time_that_is_no_number_ends(app, world):
    made = run(app, "job-create", "--title", "T", "--list", world.offers.id, "--subject", "S", "--from",
               "news@example.org")[1]["id"]
    assert run(app, "wait", "job", made, "--until", "done", "--timeout", "nan")[0] == 75


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_before_the_first_start_a_command_says_so(kind, request, tmp_path, redis_url):
    url = request.getfixturevalue("postgres").create() if kind == "postgresql" else ""
    app = create_app(make_config(tmp_path, url, redis_url))
    status, found = run(app, "group-create", "News")
    assert (status, found["error"]) == (
        75, "The database has no tables of this version yet. Start Maestro, or run: flask migrate")
    assert run(app, "doctor")[1]["state"] == "fail"
