"""No page and no mail of a site has a sentence that is no message: shown in a language that marks every message."""

import re
from html.parser import HTMLParser

import pytest

from maestro.extensions import db
from maestro.lib import tongues
from maestro.site import samples
from maestro.warehouse import sites

CONTENT = "http://localhost:20080"
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{3,}")
SAID = {"title", "alt", "aria-label", "placeholder"}


class Marking:
    """A language whose messages can be told from everything else."""

    def gettext(self, message):
        return f"⟦{message}⟧"

    def ngettext(self, one, many, count):
        return f"⟦{many}⟧"


class Texts(HTMLParser):
    """What a reader sees or hears of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.quiet = [], 0

    def handle_starttag(self, tag, attrs):
        self.quiet += tag in ("style", "script")
        self.found += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag):
        self.quiet -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.quiet:
            self.found.append(data)


def unmarked(html):
    """The words outside of messages; messages may stand in each other."""
    reader = Texts()
    reader.feed(html)
    text, before = " ".join(reader.found), None
    while before != text:
        before, text = text, MARKED.sub(" ", text)
    return set(WORD.findall(re.sub(r"https?://\S+|\S+@\S+", " ", text)))


@pytest.fixture
def known(world):
    """Words that are data: names of the organisation, the dataset, its lists and fields, and of languages."""
    names = ["Fern Ltd", "12 Mill Lane, Bristol", world.dataset.name, *(one.name for one in world.dataset.lists),
             *(field.label for field in world.dataset.fields), "Bristol York", *tongues.LANGUAGES.values(), "Atom RSS"]
    return set(WORD.findall(" ".join(names)))


def test_every_word_of_every_page_and_mail_is_translated_or_data(client, world, known, monkeypatch):
    site = sites.of(world.dataset)
    site.state, site.languages, site.passwords = "open", ["de", "en"], True
    db.session.commit()
    monkeypatch.setattr(tongues, "catalogue", lambda _language: Marking())
    for name in samples.SAMPLES:
        frame = samples.link(site, None, name, "de", True).removeprefix(CONTENT)
        answer = client.get(frame, base_url=CONTENT)
        left = unmarked(answer.text) - known - months()
        assert answer.status_code == 200 and not left, f"{name}: {left}"


def months():
    """Dates are written by Babel, in the language that is asked for."""
    return set("Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split())


@pytest.mark.parametrize("path", ["/nothing", "/s/nothing", "/u/x", "/f/x", "/v/x", "/p/x", "/c/x"])
def test_errors_speak_the_readers_language(client, world, known, monkeypatch, path):
    monkeypatch.setattr(tongues, "catalogue", lambda _language: Marking())
    answer = client.get(path, headers={"Accept-Language": "sv"})
    assert answer.status_code == 404 and not unmarked(answer.text) - known


def test_what_people_do_wrong_is_said_in_their_language(client, world):
    site = sites.of(world.dataset)
    site.state, site.languages = "open", ["sv"]
    db.session.commit()
    answer = client.post(f"/api/v1/lists/{world.offers.key}/subscribers", json={"address": "x", "language": "sv"})
    assert answer.json["error"] == "En adress har ett namn, ett @ och en domän, som ann@example.org."
    assert 'lang="sv" dir="ltr"' in client.get(f"/s/{site.key}/subscribe").text
