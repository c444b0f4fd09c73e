"""Chromium, driven by Playwright; it may speak to this machine only."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
           "--disable-sync", "--no-first-run"]
HERE = {"127.0.0.1", "localhost"}


def program():
    found = shutil.which("chromium") or shutil.which("google-chrome")
    return found or pytest.fail("Chromium is not installed: make setup-dev")


@pytest.fixture(scope="module")
def chromium():
    """The browser of one test file, `chromium.new_context(...)`: while Playwright lives, asyncio.run fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """An empty tab. The test fails when a page asked for anything outside this machine or broke in its scripts."""
    context = chromium.new_context(locale="en-GB")
    strays, broken = [], []

    def route(handle):
        address = urlsplit(handle.request.url)
        if address.hostname in HERE or address.scheme in ("data", "blob"):
            handle.continue_()
        else:
            strays.append(handle.request.url)
            handle.abort()

    context.route("**/*", route)
    tab = context.new_page()
    tab.on("pageerror", lambda error: broken.append(str(error)))
    yield tab
    context.close()
    assert not strays, f"Requests to other machines: {strays}"
    assert not broken, f"Scripts broke: {broken}"
