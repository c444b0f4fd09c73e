"""Written content lives on the content origin, in a sandbox, without a cookie."""

import pytest

from maestro.extensions import db
from maestro.mailing import authorise, preview
from tests.writing import draft, ready

CONTENT = "http://localhost:20080"


@pytest.fixture
def link(app, world, work):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    work()
    return "/v/" + app.extensions["tokens"].mint("v", job.id << 32 | 1, 0)


def path(url):
    return "/preview/" + url.rpartition("/")[2]


def test_a_mail_is_viewed_on_the_content_origin_in_a_sandbox(client, link):
    assert client.get(link).location == CONTENT + link
    answer = client.get(link, base_url=CONTENT)
    assert "Hello Dave" in answer.text
    rules = answer.headers["Content-Security-Policy"]
    assert rules.startswith("sandbox ") and "allow-scripts" not in rules and "allow-same-origin" not in rules
    assert "default-src 'none'" in rules and "form-action 'none'" in rules
    assert "Set-Cookie" not in answer.headers


def test_a_frame_is_shown_on_the_content_origin_only(client, world):
    frame = path(preview.link("job", draft(world).id))
    assert client.get(frame).status_code == 404
    assert "Hello Dave" in client.get(frame, base_url=CONTENT).text


@pytest.mark.parametrize("html", [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>'])
def test_whatever_is_written_the_answer_forbids_scripts(client, world, html):
    answer = client.get(path(preview.link("job", draft(world, html=html).id)), base_url=CONTENT)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_broken_link_says_so_at_the_public_address(client, link):
    answer = client.get(link[:-1])
    assert answer.status_code == 404 and "not complete" in answer.text


def test_the_view_of_a_test_delivery_says_that_it_was_one(app, client, world):
    answer = client.get("/v/" + app.extensions["tokens"].mint("v", 0, 0))
    assert answer.status_code == 200 and "test delivery" in answer.text


def test_pages_for_recipients_are_kept_out_of_caches_and_indexes(client, link):
    headers = client.get(link, base_url=CONTENT).headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
