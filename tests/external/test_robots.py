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
    ("/api/v1/lists/x/subscribers", False), *((f"/{kind}/x", False) for kind in "cflopuv")])
def test_sites_are_found_and_tokens_are_not(robots, path, open_to_all):
    assert robots.can_fetch("anybody", path) is open_to_all
