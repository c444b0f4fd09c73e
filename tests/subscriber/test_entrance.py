"""Which page answers in which state of a site, and what all pages have in common."""

import pytest

from maestro.extensions import db
from maestro.models import Subscription
from maestro.site import letters
from maestro.warehouse import sites
from tests.parts.contents import everything
from tests.subscriber.conftest import link_of

PAGES = ("home", "subscribe", "login", "me", "profile", "mailed", "unsubscribe")
TABLE = {                                          # state: what each of PAGES answers
    "open": (200, 200, 200, 302, 200, 200, 200),
    "subscribers": (302, 404, 200, 302, 200, 200, 200),
    "unsubscribes": (404, 404, 404, 404, 404, 404, 200),
}


@pytest.fixture
def urls(app, world, site, visitor, inbox):
    visitor.sign_up()
    token = app.extensions["tokens"].mint("u", db.session.query(Subscription).order_by(Subscription.id).first().id)
    profile = letters.profile(site, world.dave).removeprefix("http://127.0.0.1:20080")
    return dict(zip(PAGES, (f"/s/{site.key}", f"/s/{site.key}/subscribe", f"/s/{site.key}/login", f"/s/{site.key}/me",
                            profile, link_of(inbox()[0]), f"/u/{token}"), strict=True))


def test_each_state_opens_its_pages(client, site, urls):
    for state, answers in TABLE.items():
        sites.change(site, "test", state=state)
        db.session.commit()
        assert tuple(client.get(urls[name]).status_code for name in PAGES) == answers, state
        posts = [client.post(urls[name]).status_code for name in ("subscribe", "login")]
        assert posts == [404 if answer == 404 else 403 for answer in answers[1:3]]
    assert client.post(urls["unsubscribe"], data={"confirm": "1"}).status_code == 200


def test_a_closed_site_says_so_and_still_lets_people_go(client, site, urls):
    sites.change(site, "test", is_closed=True)
    db.session.commit()
    for name in PAGES[:-1]:
        answer = client.get(urls[name])
        assert answer.status_code == 503 and "Come back" in answer.text
    assert client.post(urls["unsubscribe"], data={"List-Unsubscribe": "One-Click"}).status_code == 200


def test_unknown_sites_links_and_tests_are_said_in_a_sentence(app, client, site):
    assert client.get("/s/nothinghere1").status_code == 404
    assert "does not work any more" in client.get("/c/" + "x" * 43).text
    assert "test delivery" in client.get("/p/" + app.extensions["tokens"].mint("p", 0)).text
    assert client.get("/p/" + app.extensions["tokens"].mint("p", 999 << 40 | 1)).status_code == 404


def test_looking_changes_nothing_in_the_database(client, site, urls):
    before = everything()
    for url in urls.values():
        for method in ("get", "head", "options"):
            assert getattr(client, method)(url).status_code < 400
    assert everything() == before


def test_pages_are_small_and_ask_for_nothing(client, urls):
    for name in PAGES:
        page = client.get(urls[name], follow_redirects=True)
        assert len(page.data) < 20_000 and "<script" not in page.text and "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == ("all" if name in ("home", "subscribe") else "noindex")
