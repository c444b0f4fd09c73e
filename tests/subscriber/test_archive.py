"""The public archive: only what was switched on and marked, without anybody's data, searched and fed."""

from xml.etree import ElementTree

import pytest

from maestro.extensions import db
from maestro.mailing import authorise
from maestro.site import archive
from maestro.warehouse import sites
from tests.writing import ready

CONTENT = "http://localhost:20080"
HTML = """<h1>Hello {{first_name|reader}}</h1><script>x</script>
<p onclick="x" style="color:#123">Tulips and <a href="{{*UnsubscribeURL}}">off</a>
<a href="{{*ViewInBrowserURL}}">view</a> {{address}}</p><p>{{*SenderAddress}}</p>"""


@pytest.fixture
def job(world, work):
    job = ready(world, html=HTML, text="")
    authorise.authorise(job, "now", world.alice, grace=0)
    world.offers.archive = True
    work()
    archive.publish(job, True, by=world.alice)
    db.session.commit()
    return job


@pytest.fixture
def home(world):
    return f"/s/{sites.of(world.dataset).key}/archive/{world.offers.key}"


def test_an_issue_is_read_by_anybody_and_tells_of_nobody(app, client, world, job, home):
    page = client.get(home)
    assert "Spring, friend" in page.text and page.headers["X-Robots-Tag"] == "all"
    issue = client.get(f"{home}/{job.code}")
    assert f'src="{CONTENT}{home}/{job.code}"' in issue.text
    frame = client.get(f"{home}/{job.code}", base_url=CONTENT)
    assert "Hello reader" in frame.text and "color:#123" in frame.text
    assert frame.headers["Content-Security-Policy"].startswith("sandbox")
    for trace in ("dave", "Dave", "<script", "onclick", "/u/", "/v/", "/o/", "/l/"):
        assert trace not in frame.text, trace
    assert f"{home}/{job.code}" in frame.text and "/subscribe?list=" in frame.text


@pytest.mark.parametrize("hide", ["public", "archive", "phase", "state"])
def test_what_is_not_switched_on_is_not_there(client, world, job, home, hide):
    change = {"public": (job, "public", False), "archive": (world.offers, "archive", False),
              "phase": (job, "phase", "sending"), "state": (sites.of(world.dataset), "state", "unsubscribes")}[hide]
    setattr(*change)
    db.session.commit()
    assert client.get(f"{home}/{job.code}").status_code == 404
    assert client.get(f"{home}/{job.code}", base_url=CONTENT).status_code == 404
    page = client.get(home)
    assert page.status_code == 404 or "Spring" not in page.text


@pytest.mark.parametrize(("words", "found"), [
    ("tulips", True), ("TULIPS spring", True), ("roses", False), ("%", False)])
def test_the_search_finds_issues_by_their_words(client, job, home, words, found):
    assert ("Spring, friend" in client.get(home, query_string={"q": words}).text) == found


@pytest.mark.parametrize(("form", "item", "title"), [
    ("atom", "{http://www.w3.org/2005/Atom}entry", "{http://www.w3.org/2005/Atom}title"),
    ("rss", "channel/item", "title")])
def test_feeds_are_well_formed(client, world, job, home, form, item, title):
    answer = client.get(f"{home}/{form}")
    assert answer.content_type.startswith(f"application/{form}+xml")
    [entry] = ElementTree.fromstring(answer.data).findall(item)
    assert entry.find(title).text == "Spring, friend"
    assert "dave" not in answer.text.lower()


def test_a_job_is_marked_on_its_page_where_the_list_has_an_archive(client, world, job):
    url = f"/admin/jobs/{job.id}"
    client.as_(world.alice)
    assert "Take it out of the public archive" in client.get(url).text
    assert client.post(f"{url}/unpublish").status_code == 303
    assert "Show it in the public archive" in client.get(url).text
    world.offers.archive = False
    db.session.commit()
    assert client.post(f"{url}/publish").status_code in (303, 409)
    db.session.expire_all()
    assert not job.public
