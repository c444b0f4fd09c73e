"""Every message of pages and mails is there in every language, whole, with the same places for values."""

import re
from pathlib import Path

import pytest
from flask import Flask

from maestro.lib import tongues
from setup import languages

OTHERS = [code for code in tongues.LANGUAGES if code != tongues.ENGLISH]
PLACE, TAG = re.compile(r"%\(\w+\)s"), re.compile(r"</?[a-z]+>")
ROOT = Path(tongues.__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wanted():
    return {key(message) for message in languages.messages() if message.id}


def key(message):
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_and_none_is_left_over(wanted, language):
    known = {key(message): message for message in languages.read(language) if message.id}
    assert known.keys() == wanted, "run setup/languages.py, then translate what is new"
    missing = [id for id, message in known.items() if not all(forms(message))]
    assert not missing


@pytest.mark.parametrize("language", OTHERS)
def test_places_for_values_tags_and_plurals_are_the_same(language):
    catalogue = languages.read(language)
    for message in catalogue:
        if not message.id:
            continue
        ours = message.id if isinstance(message.id, str) else message.id[1]
        for text in forms(message):
            assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(ours)), text
            assert sorted(TAG.findall(text)) == sorted(TAG.findall(ours)), text
            assert not text.endswith(" ") and "!" not in text, text
        assert isinstance(message.id, str) or len(message.string) == catalogue.num_plurals, message.id
        assert not message.fuzzy


def forms(message):
    return [message.string] if isinstance(message.id, str) else list(message.string)


@pytest.mark.parametrize("language", OTHERS)
def test_most_messages_differ_from_ours(language):
    same = [message.id for message in languages.read(language) if message.id and message.string == message.id]
    assert set(same) <= {"Newsletter", "Password", "Pause", "Website", "No", "Profil"}, same


@pytest.mark.parametrize(("count", "said"), [
    (0, "An 0 Freunde senden"), (1, "An 1 Freund senden"), (5, "An 5 Freunde senden")])
def test_plurals_follow_the_language(count, said):
    with tongues.speaking("de"):
        assert tongues.ngettext("Send to %(num)s friend", "Send to %(num)s friends", count) == said
    with tongues.speaking("fr"):
        assert tongues.ngettext("%(num)s day", "%(num)s days", 0) == "0 jour"


@pytest.mark.parametrize(("query", "header", "offered", "spoken"), [
    ("", "", ["de", "en"], "de"), ("", "en-GB,en;q=0.9", ["de", "en"], "en"), ("?lang=fr", "en", ["de", "fr"], "fr"),
    ("?lang=xx", "sv-SE", ["de", "sv"], "sv"), ("", "ja", ["nl"], "nl"), ("", "ja", [], "en"),
    ("", "pt-BR", ["en", "pt"], "pt")])
def test_a_page_speaks_what_its_reader_wants_among_what_is_offered(query, header, offered, spoken):
    with Flask("x").test_request_context(f"/{query}", headers={"Accept-Language": header}):
        tongues.offer(offered)
        assert tongues.current() == spoken
        tongues.speak("en")


def test_speaking_ends_where_it_began_and_own_words_count_inside_only():
    tongues.reword({"Yes": "Certainly"})
    with tongues.speaking("sv"):
        assert (tongues.gettext("Yes"), tongues.current()) == ("Ja", "sv")
    assert (tongues.gettext("Yes"), tongues.current()) == ("Certainly", "en")
    tongues.reword({})


def test_a_lazy_message_is_said_when_it_is_shown():
    label = tongues.lazy("Your name")
    with tongues.speaking("nl"):
        assert str(label) == "Uw naam"
    assert str(label) == "Your name"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl"), ("he", "rtl")])
def test_pages_can_run_from_right_to_left(language, direction):
    assert tongues.direction(language) == direction
    sheet = (ROOT / "static/src/public.css").read_text()
    sided = r"(margin|padding|border)-(left|right)|^\s*(left|right):|text-align:\s*(left|right)|float:" \
            r"|(margin|padding): [^;]+ ([^ ;]+) [^ ;]+ (?!\3;)[^ ;]+;"
    assert not re.search(sided, sheet, re.MULTILINE)
