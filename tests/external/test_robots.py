"""What search engines are told: the subscriber sites are theirs to find, nothing behind a token or a log-in is."""

from urllib.robotparser import RobotFileParser

import pytest


@pytest.fixture
def robots(sqlite_app):
    found = RobotFileParser()
    found.parse(sqlite_app.test_client().get("/robots.txt", base_url="http://127.0.0.1:20080").text.splitlines())
    return found


@pytest.mark.parametrize(("path", "open_to_all"), [
    ("/s/fern", True), ("/s/fern/archive/letter", True), ("/admin/jobs", False),
    ("/lui/externalAction.do?token=x", False), ("/list/action/addSubscriberExternally.do", False),
    ("/api/v1/lists/x/subscribers", False)])
def test_sites_are_found_and_tokens_are_not(robots, path, open_to_all):
    assert robots.can_fetch("anybody", path) is open_to_all


def test_no_address_of_one_letter_is_found_but_the_sites(robots, sqlite_app):
    """They lead from mails, and a token follows the letter; those of opens and clicks are answered ahead of Flask."""
    letters = {rule.rule[1] for rule in sqlite_app.url_map.iter_rules() if rule.rule[2:3] == "/"} | set("ol")
    assert {letter for letter in letters if robots.can_fetch("anybody", f"/{letter}/x")} == {"s"}
