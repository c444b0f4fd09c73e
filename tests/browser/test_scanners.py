"""Mail scanners open every link of every mail, and those behind it: nothing changes. Mail providers press one."""

import http.client
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html.parser import HTMLParser
from itertools import cycle
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Error, sync_playwright
from werkzeug.serving import make_server

from maestro.extensions import db
from maestro.models import Change, ForwardRefusal, Hit
from maestro.warehouse import sites
from tests import mailbag
from tests.parts.browser import OPTIONS, program
from tests.parts.contents import everything
from tests.parts.ports import free_port
from tests.parts.waiting import until

AHEAD = {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch",
         "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"}
SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)", "Accept-Language": "de"}
WAYS = (("GET", AHEAD), ("GET", SCANNER), ("HEAD", SCANNER), ("OPTIONS", SCANNER))
LEVELS = 2                                         # the links of mails, and those on their pages
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ONE_CLICK = "List-Unsubscribe=One-Click"
FORMS = {
    "application/x-www-form-urlencoded": ONE_CLICK,
    "multipart/form-data; boundary=xx":
        '--xx\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xx--\r\n'}


@pytest.fixture
def settings():
    port = free_port()
    return {"PUBLIC_URL": f"http://127.0.0.1:{port}", "ADMIN_URL": f"http://127.0.0.1:{port}",
            "CONTENT_URL": f"http://localhost:{port}"}


@pytest.fixture
def mails(app, world, work, turn):
    """One of every kind of mail, on a site with all that it can have, which answers on its own port."""
    site = sites.of(world.dataset)
    sites.change(site, "test", state="open", passwords=True, languages=["en", "de"])
    mailbag.fill(world, site, work, turn)
    server = make_server("127.0.0.1", urlsplit(app.extensions["maestro"].public_url).port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield mailbag.messages()
    server.shutdown()


@pytest.fixture
def ours(app):
    config = app.extensions["maestro"]
    origins = {urlsplit(url).netloc for url in (config.public_url, config.content_url)}
    return lambda url: urlsplit(url).netloc in origins


class Addresses(HTMLParser):
    """Wherever a page leads or what it loads; where its forms go, too: a scanner asks for that by GET."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


def ask(method, url, headers, body=None):
    """(status, headers, text) of one request by somebody without cookies, who follows nothing by himself."""
    place = urlsplit(url)
    line = http.client.HTTPConnection(place.netloc, timeout=30)
    line.request(method, place._replace(scheme="", netloc="").geturl(), body, headers)
    answer = line.getresponse()
    text = answer.read().decode(errors="replace")
    line.close()
    return answer.status, answer.headers, text


def leads(url, headers, text):
    """Where an answer leads: by redirect, or by what its page holds."""
    page = Addresses()
    if headers.get_content_type() == "text/html":
        page.feed(text)
    return {urljoin(url, found).partition("#")[0] for found in [headers.get("Location"), *page.found] if found}


def look_at_everything(urls, ours):
    """Every address on a few levels in every way. Gives {address: its answers}, in the order of finding."""
    answers, found = {}, sorted(filter(ours, urls))
    for _ in range(LEVELS):
        for url in found:
            answers[url] = [ask(method, url, headers) for method, headers in WAYS]
        further = {lead for url in found for _s, headers, text in answers[url] for lead in leads(url, headers, text)}
        found = sorted(url for url in further - answers.keys() if ours(url) and "/static/" not in url)
    return answers


def hits():
    db.session.rollback()
    found = [(hit.kind, hit.machine) for hit in db.session.query(Hit).filter(Hit.kind != "forward")]
    db.session.rollback()
    return found


def load(urls):
    """Open each address in a browser that presses nothing; in a thread, as Playwright keeps the one that it runs in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=[*OPTIONS, ALONE])
        page = browser.new_page()
        for url in urls:
            with suppress(Error):                  # a click leads away from here, where nothing is
                page.goto(url)


def test_who_only_looks_changes_nothing_whatever_the_mail_and_however_he_looks(mails, ours):
    assert mailbag.made() == mailbag.kinds() and len(mailbag.kinds()) > 9
    urls = {url for message in mails for url in mailbag.links(message) if ours(url)}
    assert {urlsplit(url).path[:3] for url in urls} >= {"/c/", "/f/", "/l/", "/o/", "/p/", "/s/", "/u/", "/v/"}
    before = everything("hit")
    answers = look_at_everything(urls, ours)
    for url, [(ahead, *_), (get, *_), (head, *_), (options, *_)] in answers.items():
        assert ahead == get == head < 500 and options < 500, url
        assert get < 400 or url not in urls, url
    with ThreadPoolExecutor(1) as pool:
        pool.submit(load, sorted(urls)).result()
    assert len(answers) > 50 and everything("hit") == before
    until(lambda: set(hits()) == {("open", True), ("click", True)})


def test_what_mail_providers_send_for_their_users_is_done_and_written_down(mails):
    """RFC 8058: by POST, in one of two forms, without cookie, and nobody follows a redirect."""
    since = db.session.query(Change.id).order_by(Change.id.desc()).first()[0]
    db.session.rollback()
    pressed = [message for message in mails if message["List-Unsubscribe-Post"] == ONE_CLICK]
    for message, kind in zip(pressed, cycle(FORMS), strict=False):
        url = re.findall("<(http[^>]*)>", message["List-Unsubscribe"])[0]
        status, headers, _text = ask("POST", url, {"Content-Type": kind}, FORMS[kind])
        assert status == 200 and not headers["Set-Cookie"] and not headers["Location"]
    written = db.session.query(Change).filter(Change.id > since).all()
    assert {(change.code, change.cause, change.ip) for change in written} == {("DEL", "self", "127.0.0.1")}
    readers = {message["To"].addresses[0].addr_spec for message in pressed} - {"me@example.org", "ivy@example.org"}
    assert sorted(change.level for change in written) == ["D"] * len(readers) + ["L"] * len(readers)
    assert db.session.query(ForwardRefusal).count() == 1
