import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro.content import links
from maestro.content.links import Address
from maestro.lib.tokens import Maker
from tests.content.samples import ANN, MAKER, NAUGHTY, compiled, shown


def tracked(html="", text=""):
    return compiled(html, text, clicks=True).links


def clicked(page):
    """What our own pages read from each tracked link of a finished text."""
    return [links.read(MAKER, tail) for tail in re.findall(r"https://m\.example\.org/l/([\w.-]+)", page)]


@pytest.mark.parametrize(("href", "url"), [
    ("https://shop.example.org", "https://shop.example.org"),
    ("https://shop.example.org/a?b=c#d", "https://shop.example.org/a?b=c#d"),
    ("HTTP://Shop.example.org/A", "http://Shop.example.org/A"),
    (" https://shop.example.org/ ", "https://shop.example.org/"),
    ("https://shop.example.org/?a=1&amp;b=2", "https://shop.example.org/?a=1&b=2"),
    ("https://shop.example.org/?a=1&copy=2&reg", "https://shop.example.org/?a=1&copy=2&reg"),
    ("https://shop.example.org/ä b", "https://shop.example.org/%C3%A4%20b"),
    ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ("https://shop.example.org:8080/%20x", "https://shop.example.org:8080/%20x"),
    ("https://shop.example.org/?q={{*JobID}}", "https://shop.example.org/?q=261122A"),
])
def test_a_link_is_stored_as_the_reader_of_a_mail_would_follow_it(href, url):
    assert tracked(f'<a href="{href}">x</a>') == (Address(1, url, False),)


@pytest.mark.parametrize("href", [
    "mailto:a@example.org", "tel:123", "#top", "", "/relative", "relative", "//evil.example.org/",
    "ftp://example.org/", "javascript:x",
    "https:evil.example.org", "https:/evil.example.org", "https:\\\\evil.example.org", "https://a@evil.example.org/",
    "https://",
    "https://exa mple.org/", "https://a\nb.example.org/", "{{url}}", "{{*UnsubscribeURL}}", "{{*ProfileURL}}",
    "https://a:b@example.org/", "https://shop.example.org/?share={{*ViewInBrowserURL}}",
])
def test_what_is_no_plain_web_address_or_ours_is_left_alone(href):
    assert tracked(f"<a href='{href}'>x</a>") == ()


def test_links_are_numbered_where_they_stand_and_found_again_in_the_text():
    html = "<a href='https://example.org/1'>1</a><a href='https://example.org/2'>2</a><a href='https://example.org/1'>1</a>"
    found = compiled(html, "https://example.org/2 https://example.org/3", clicks=True)
    assert [(link.number, link.url[-1]) for link in found.links] == [(1, "1"), (2, "2"), (3, "1"), (4, "3")]
    page = found.render_parts({}, ANN)
    assert [(hit.id, hit.number, hit.url) for hit in clicked(page.html)] == [(7 << 32 | 11, number,
                                                                              None) for number in (1, 2, 3)]
    assert [hit.number for hit in clicked(page.text)] == [2, 4]


def test_without_tracking_links_stay_as_they_are():
    html = "<a href='https://example.org/?a=1&amp;b={{first}}'>x</a>"
    assert shown(html, {"first": "Ann"}).html == "<a href='https://example.org/?a=1&amp;b=Ann'>x</a>"
    assert compiled(html).links == ()


def test_a_link_with_fields_takes_its_address_along():
    html = '<a href="https://shop.example.org/{{city}}?n={{first|you}}&amp;x=&quot;1&quot;">x</a>'
    assert tracked(html) == (Address(1, "https://shop.example.org/{{city}}?n={{first}}&x=%221%22", True),)
    [hit] = clicked(shown(html, {"city": "Köln/Süd"}, clicks=True).html)
    assert (hit.number, hit.url) == (1, "https://shop.example.org/K%C3%B6ln%2FS%C3%BCd?n=you&x=%221%22")


def test_nothing_of_a_link_can_be_changed():
    html = '<a href="https://shop.example.org/{{city}}">x</a><a href="https://example.org/">y</a>'
    page = shown(html, {"city": "York"}, clicks=True).html
    for tail in re.findall(r"/l/([\w.-]+)", page):
        token, dot, data = tail.partition(".")
        other = links.read(MAKER, f"{token}.{'A' * 8}"), links.read(MAKER, token + (dot and "."))
        assert other == (None, None) if dot else other[0] is None
        assert links.read(MAKER, tail)
        for place in range(len(tail)):
            changed = tail[:place] + ("A" if tail[place] != "A" else "B") + tail[place + 1:]
            assert links.read(MAKER, changed) is None, place
        assert links.read(Maker("1" * 64), tail) is None


@pytest.mark.parametrize("tail", ["", ".", "x", "x.y", "é", "x.é", "\x00", "a" * 32, "a" * 35, "..", "a.b.c", *NAUGHTY])
def test_what_we_did_not_make_leads_nowhere(tail):
    assert links.read(MAKER, tail) is None


values = st.text(max_size=40) | st.sampled_from(["//evil.example", "\\\\evil.example", "https:evil", "@evil.example",
                                                 "\r\nLocation: x",
                                                "%2F%2Fevil", "../..", "?x#y", ".evil.example", ":80", "\u2028",
                                                "&amp;", "'\"><"])


@settings(max_examples=500, deadline=None)
@given(city=values, first=values)
def test_no_value_takes_a_click_to_another_host(city, first):
    html = "<a href='https://shop.example.org/{{city}}?n={{first}}#{{city}}'>x</a>"
    page = shown(html, {"city": city, "first": first}, clicks=True)
    for hit in clicked(page.html) + clicked(page.text):
        parts = urlsplit(hit.url)
        assert (parts.scheme, parts.netloc) == ("https", "shop.example.org")
        assert hit.url.isascii() and hit.url.isprintable() and " " not in hit.url
        assert parts.query == f"n={parts.query[2:]}" and "&" not in parts.query
        if "\r" not in city and city.isprintable():
            assert unquote(parts.path) == f"/{city}"
