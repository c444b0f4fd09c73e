import pytest

from maestro.content.message import Parts, check
from tests.content.samples import FOOTER, settings

GOOD = f"<p>Hello {{{{first|you}}}}</p>{FOOTER}"


def found(html="", text="", subject="News", **changes):
    return check(Parts(subject, html, text), settings(**changes))


def test_a_good_message_has_nothing_to_say():
    assert found(GOOD)[:2] == ((), ())
    assert found(GOOD, "Text {{*UnsubscribeURL}}", from_address="")[:2] == ((), ())


@pytest.mark.parametrize(("html", "text", "fields"), [
    ("<p>no link</p>", "", ["html"]), ("", "no link", ["text"]), (GOOD, "no link", ["text"]),
    ("no", "no", ["html", "text"]),
    (".BB gold\n{{*UnsubscribeURL}}\n.EB\n", "", ["html"]),
    (".BB gold\n{{*UnsubscribeURL}}\n.ELSE\nx\n.EB\n", "", ["html"]),
    (".BB gold\n{{*UnsubscribeURL}}\n.ELSE\n{{*UnsubscribeURL}}\n.EB\n", "", []),
    ("<a href='{{*unsubscribeurl}}'>x</a>", "", []),
])
def test_everybody_on_a_list_needs_the_way_out(html, text, fields):
    errors = found(html, text).errors
    assert [error.field for error in errors] == fields
    assert all("{{*UnsubscribeURL}}" in error.sentence for error in errors)
    assert not found(html, text, to_list=False).errors


def test_every_part_tells_its_own_error():
    errors = found("{{one}}", "{{two}}", "{{three}}").errors
    assert [(error.field, error.line, error.column) for error in errors] == [("subject", 1, 1), ("html", 1, 1),
                                                                             ("text", 1, 1)]


@pytest.mark.parametrize(("html", "words"), [
    (GOOD + "{{city}} {{last}} {{address}}", "no fallback: city, last."),
    (GOOD.replace("{{*SenderAddress}}", ""), "postal address"),
    (GOOD + "x" * 100_000, "100 kB"),
])
def test_what_is_doubtful_is_said(html, words):
    [warning] = found(html).warnings
    assert words in warning


def test_the_check_names_fields_links_and_size():
    html = GOOD + "{{city}}é<a href='https://example.org/'>x</a>"
    result = found(html, clicks=True)
    assert result.fields == {"first", "city"} and result.without_fallback == ("city",)
    assert [link.url for link in result.links] == ["https://example.org/"]
    assert result.html_bytes == len(html) + 1
    assert "cut" in found(GOOD, subject="x" * 251).warnings[0]
