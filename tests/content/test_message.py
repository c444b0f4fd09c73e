import re
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro.content.language.nodes import MergeError, RenderError
from maestro.content.message import Delivery, Parts, compile_message
from maestro.lib.addresses import AddressError
from maestro.lib.headers import HeaderError, clean
from tests.content.samples import ANN, FOOTER, MAKER, NAUGHTY, body, compiled, read, shown
from tests.content.samples import settings as frame

HTML = f"""<!DOCTYPE html>
<html><head><title>{{{{first}}}}</title></head><body>
<h1 title="{{{{last}}}}">Grüße {{{{first|you}}}},</h1>
.BB &CITY contains "ö" and &POINTS > 5
<p>You are in <b>{{{{city}}}}</b> with {{{{points}}}} points since {{{{joined}}}}: {{{{gold}}}}.</p>
.ELSEIF &CITY isempty
<p>Where are you?</p>
.ELSE
<p>{{{{city}}}}  {{{{city}}}}{{{{first}}}}</p>
.EB
<p><a href="https://shop.example.org/a?b=1&amp;c=2">fixed</a> <a href='https://shop.example.org/{{{{city}}}}?n={{{{first}}}}'>merged</a>
<a href="{{{{url}}}}">own</a> <a href="mailto:x@example.org?subject={{{{first}}}}">write</a></p>
{FOOTER}
</body></html>
"""
NAMES = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type", "List-Id", "List-Unsubscribe",
         "List-Unsubscribe-Post", "List-Help", "List-Owner", "List-Post", "Feedback-ID", "Precedence",
         "X-Auto-Response-Suppress"]
ANNS = {"first": "Ann", "last": "O'Hara", "city": "Köln", "points": 7.0, "joined": date(2026, 1, 2), "gold": True,
        "url": "https://ann.example/?a=1&b=2"}


def assert_as_planned(message, values, person=ANN):
    """What the standard library reads out of the bytes is exactly what the preview shows, and safe to send."""
    raw = message.render(values, person)
    assert_sendable(raw)
    plan, found = message.render_parts(values, person), read(raw)
    assert found.keys() == NAMES
    assert not found.defects
    assert found["Subject"] == plan.subject
    assert found["To"].addresses[0].addr_spec == person.address
    assert found["From"].addresses[0].addr_spec == "news@example.org"
    assert f"<https://m.example.org/u/{MAKER.mint('u', 9)}>" in found["List-Unsubscribe"]
    text, html = found.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert not text.defects and not html.defects
    assert (body(text), body(html)) == (plan.text, plan.html)
    return plan


def assert_sendable(raw):
    """No bare CR or LF, no line that a server could take for the end of the message or for too long."""
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"\r\n") and raw.isascii()
    assert not any(b"\r" in line or b"\n" in line or b"\x00" in line for line in lines)
    assert all(len(line) <= 76 for line in lines[lines.index(b""):])
    assert not any(line.startswith((b".", b"From ")) for line in lines)


def test_a_message_says_what_the_preview_shows():
    plan = assert_as_planned(compiled(HTML, subject="{{first|You}} in {{city}}", opens=True, clicks=True), ANNS)
    assert plan.subject == "Ann in Köln"
    assert "<p>You are in <b>Köln</b> with 7 points since 2026-01-02: yes.</p>" in plan.html
    assert '<h1 title="O&#x27;Hara">Grüße Ann,</h1>' in plan.html and "<title>Ann</title>" in plan.html
    assert '<a href="https://ann.example/?a=1&amp;b=2">own</a>' in plan.html
    assert f'<img src="https://m.example.org/o/{MAKER.mint("o", 7 << 32 | 11)}.gif"' in plan.html
    assert plan.html.index("<img") < plan.html.index("</body>")
    assert f'<a href="https://m.example.org/u/{MAKER.mint("u", 9)}">Unsubscribe</a>' in plan.html
    assert plan.text.startswith("Grüße Ann,\n\nYou are in Köln with 7 points since 2026-01-02: yes.\n\nfixed [1]")


@pytest.mark.parametrize(("values", "words"), [
    ({"city": "York"}, "<p>York  York</p>"), ({}, "<p>Where are you?</p>"),
    ({"city": "Köln", "points": 5}, "<p>Köln  Köln</p>"),
])
def test_each_person_gets_the_branch_that_fits(values, words):
    assert words in assert_as_planned(compiled(HTML), values).html


@pytest.mark.parametrize("empty", [None, ""])
def test_a_fallback_stands_where_a_field_is_empty(empty):
    page = shown("{{first|you & I}}", {"first": empty}, subject="{{first|you & I}}", text="{{first|you & I}}")
    assert page == ("you & I", "you &amp; I", "you & I")
    assert shown("{{points|none}}", {"points": 0}).html == "0"


def test_the_headers_are_complete_and_in_order():
    raw = compiled(HTML, from_name="Fern & Söhne", reply_to="Reply@Bücher.example").render(ANNS, ANN)
    found = read(raw)
    assert found.keys() == ["Date", "From", "Reply-To", *NAMES[2:]]
    assert found["Date"] == "Sun, 22 Nov 2026 09:00:00 +0000"
    assert found["From"].addresses[0].display_name == "Fern & Söhne"
    assert found["Reply-To"] == "Reply@xn--bcher-kva.example"
    assert re.fullmatch(r"<5\.261122A\.[\w-]{8}@example\.org>", found["Message-ID"])
    assert found["List-Id"] == "Offers <offers.lists.example.org>"
    token = MAKER.mint("u", 9)
    assert found["List-Unsubscribe"] == (f"<https://m.example.org/u/{token}>, "
                                         f"<mailto:u-{token}@bounce.example.org?subject=unsubscribe>")
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (found["List-Help"], found["List-Owner"]) == ("<https://m.example.org/>", "<mailto:news@example.org>")
    assert (found["List-Post"], found["Precedence"]) == ("NO", "bulk")
    assert found["Feedback-ID"] == "j7:l3:g2:fern1"
    assert found["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_settings_take_headers_away():
    found = read(compiled(HTML, to_list=False, precedence=False, sender_id="").render(ANNS, ANN))
    assert not {"List-Id", "List-Unsubscribe", "Precedence", "Feedback-ID"} & set(found.keys())
    assert "mailto" not in read(compiled(HTML, bounce_domain="").render(ANNS, ANN))["List-Unsubscribe"]


def test_the_message_id_is_the_same_at_every_attempt_and_nobody_elses():
    one, again = compiled(HTML).render(ANNS, ANN), compiled(HTML).render(ANNS, ANN)
    other = compiled(HTML).render(ANNS, Delivery("ann@example.org", 6, ANN.date, job=7))
    ids = [read(raw)["Message-ID"] for raw in (one, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_a_text_alone_is_a_message_of_one_part():
    message = compiled(text="Hello {{first}}\n.\n{{*UnsubscribeURL}}", opens=True)
    raw = message.render(ANNS, ANN)
    found = read(raw)
    assert_sendable(raw)
    assert found.get_content_type() == "text/plain" and not found.is_multipart()
    assert body(found).rstrip("\n") == message.render_parts(ANNS, ANN).text.rstrip("\n")


def test_tokens_are_minted_only_where_a_link_stands(monkeypatch):
    minted = []
    monkeypatch.setattr(MAKER, "mint", lambda kind, *ids: minted.append(kind) or "x" * 32)
    page = ".BB gold\n<a href='{{*ForwardURL}}'>f</a>\n.EB\n<a href='{{*ProfileURL}}'>p</a> {{*ProfileURL}}"
    compiled(page).render({"gold": False}, ANN)
    assert sorted(minted) == ["b", "p", "u"]


def test_system_links_lead_to_our_pages_with_their_tokens():
    html = "".join(f"<a href='{{{{*{word}URL}}}}'>x</a>" for word in ("Unsubscribe", "Profile", "Forward",
                                                                      "ViewInBrowser"))
    page = shown(html).html
    tokens = [MAKER.read(kind, token)[:2] for kind, token in re.findall(r"https://m\.example\.org/(.)/([\w-]+)", page)]
    assert tokens == [(9, 0), (4, 2), (7 << 32 | 5, 0), (7 << 32 | 5, 0)]


def test_a_link_to_our_pages_can_be_part_of_another():
    page = shown("<a href='https://share.example/?u={{*ViewInBrowserURL}}'>x</a>", clicks=True).html
    assert "https://share.example/?u=https%3A%2F%2Fm.example.org%2Fv%2F" in page


def test_system_texts_are_escaped_for_their_place():
    page = shown("<p title='{{*ListName}}'>{{*ListName}}<br>{{*SenderAddress}}</p>", list_name="A & 'B' <c>")
    name = "A &amp; &#x27;B&#x27; &lt;c&gt;"
    assert page.html == f"<p title='{name}'>{name}<br>Fern Ltd<br>\nBristol</p>"


@pytest.mark.parametrize(("url", "expected"), [
    ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&amp;z=2"), ("http://a.example", "http://a.example"),
    ("javascript:alert(1)", ""), ("//a.example", ""), ("https://a@b.example/", ""), ("https://a.example/ x", ""),
    ("", ""),
    ("https://a.example/'\"<", "https://a.example/&#x27;&quot;&lt;"), ("data:text/html,x", ""),
    ("https:\\\\a.example", ""),
])
def test_a_link_that_is_one_field_must_be_a_web_address(url, expected):
    assert shown("<a href='{{url}}'>x</a>", {"url": url}, clicks=True).html == f"<a href='{expected}'>x</a>"


TRAPS = ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r\nMAIL FROM:<a>", "a\r\nBcc: eve@example.org",
         "=?utf-8?q?=0D=0ABcc:_x?=",
         "{{7*7}}", "{{last}}", "&LAST;", "\n.BB gold\n", "<script>", "' onclick='x", '"><img src=x>', "\ud800",
         "\x00\x1b", "--=_",
         "\u2028\u2029\x85", "x" * 5000, "é" * 3000, " ", "  a  ", ".", "From x", "=", "%0d%0a", "a\tb", "😀" * 50]


@pytest.mark.parametrize("value", TRAPS + NAUGHTY, ids=range(len(TRAPS + NAUGHTY)))
def test_no_value_leaves_its_place(value):
    values = dict.fromkeys(("first", "last", "city", "url"), value)
    plan = assert_as_planned(MERGED, values)
    assert re.sub(r"\b[\w.-]{60,}", "", plan.html).count("<") == MERGED_TAGS
    assert plan.subject == clean(value[:250] if len(value) > 250 else value) or len(value) > 200


MERGED = compiled(f"<p title='{{{{first}}}}' class=\"{{{{last}}}}\">{{{{city}}}}<a href='https://example.org/{{{{first}}}}'>{{{{last}}}}</a>"
                  f"<a href='{{{{url}}}}'>x</a></p>{FOOTER}", subject="{{first}}", clicks=True)
MERGED_TAGS = MERGED.render_parts({}, ANN).html.count("<")


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({name: st.text(max_size=80) | st.sampled_from(TRAPS) for name in ("first", "last", "city",
                                                                                               "url")}))
def test_whatever_people_are_called_the_message_is_as_planned(values):
    assert_as_planned(MERGED, values)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/!-ab='\"& {}.\n\t=?é", max_size=60))
def test_no_html_makes_the_compiler_fail_in_any_other_way(html):
    try:
        message = compiled(f"{html}{{{{first}}}}")
    except MergeError:
        return
    assert_as_planned(message, {"first": "Ann <b>"})


def test_a_name_may_stand_before_the_address():
    named = Delivery("ann@example.org", 5, ANN.date, name="Ann, \"the\" Ö", unsubscribe=(9, 0))
    assert read(MERGED.render({}, named))["To"].addresses[0].display_name == 'Ann, "the" Ö'


def test_a_recipient_that_cannot_be_written_to_is_refused():
    with pytest.raises(HeaderError):
        MERGED.render({}, Delivery("ann@example.org\r\nBcc: x@example.org", 5, ANN.date))


def test_values_that_make_a_message_too_large_are_refused():
    with pytest.raises(RenderError):
        MERGED.render({"city": "x" * 6_100_000}, ANN)


@pytest.mark.parametrize("changes", [{"job_code": "a b"}, {"job_code": "a\r\nb"}, {"public_url": "https://a b"},
                                     {"list_slug": "a b"},
                                     {"bounce_domain": "a b"}, {"help_url": "x\ny"}, {"sender_id": "a\r\nb"},
                                     {"from_address": "x"}])
def test_settings_that_would_break_a_header_are_refused(changes):
    with pytest.raises((HeaderError, AddressError)):
        compiled(HTML, **changes)


def test_links_in_the_subject_are_refused():
    with pytest.raises(MergeError) as refusal:
        compile_message(Parts("News {{*UnsubscribeURL}}", HTML), frame(), MAKER)
    assert (refusal.value.field, refusal.value.column) == ("subject", 6)


def test_a_message_has_a_limit_of_links():
    with pytest.raises(MergeError, match="2,000 links"):
        compiled("<a href='https://example.org/'>x</a>" * 2001, clicks=True)
    assert len(compiled("<a href='https://example.org/'>x</a>" * 2000, clicks=True).links) == 2000


@pytest.mark.parametrize("html", ["<" * 100_000, "<p>" + "é" * 100_000, "<p " + "a=b " * 25_000 + ">",
                                  "<p>" + " " * 100_000])
def test_strange_and_long_sources_compile_without_trouble(html):
    message = compiled(html + FOOTER)
    assert read(message.render({}, ANN))["Subject"] == "News"


def test_a_long_subject_is_cut():
    assert len(read(compiled(HTML, subject="x" * 300).render(ANNS, ANN))["Subject"]) == 250


def test_only_the_fields_that_are_used_are_asked_for():
    assert compiled("{{first}}\n.BB gold\n{{city}}\n.EB\n", subject="{{last}}").fields == {"first", "gold", "city",
                                                                                           "last"}
    assert isinstance(read(MERGED.render({}, ANN)), EmailMessage)
