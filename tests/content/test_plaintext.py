import re

import pytest

from maestro.content.language.nodes import MergeError
from tests.content.samples import ANN, compiled, shown


@pytest.mark.parametrize(("html", "text"), [
    ("", "\n"), ("plain", "plain\n"), ("<p>a</p><p>b</p>", "a\n\nb\n"), ("<div>a</div><div>b</div>", "a\nb\n"),
    ("a<br>b", "a\nb\n"),
    ("a<br><br><br>b", "a\n\nb\n"), ("  a \n  b  ", "a b\n"), ("a <b>b</b> c", "a b c\n"), ("<b>a</b>b", "ab\n"),
    ("&lt;a&gt; &amp; &eacute;&nbsp;&copy;", "<a> & é ©\n"), ("<ul><li>a<li>b</ul>c", "* a\n* b\n\nc\n"),
    ("<style>x</style><title>t</title><script>s</script>a", "a\n"), ("<!-- x -->a<!-- y -->b", "ab\n"),
    ("a < b", "a < b\n"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
    ("<img alt='tree &amp; sea' src='x'>", "tree & sea\n"),
    ("<img alt=''>a<img src=x>", "a\n"), ("<a href='#top'>up</a>", "up\n"), ("<a>x</a>", "x\n"),
    ("<a href=''>x</a>", "x\n"),
    ("see <a href='https://example.org/?a&amp;b'> here </a>.", "see here [1].\n\n[1] https://example.org/?a&b\n"),
    ("<a href='mailto:a@example.org'>write</a> <a href='{{url}}'>x</a>",
     "write [1] x [2]\n\n[1] mailto:a@example.org\n[2] https://u.example\n"),
    ("<a href='https://example.org/{{city}}'><img alt='{{first}}'></a>",
     "Ann [1]\n\n[1] https://example.org/K%C3%B6ln\n"),
    ("<h1>Hello {{first}},</h1>{{city}}", "Hello Ann,\n\nKöln\n"), ("{{*SenderAddress}}", "Fern Ltd\nBristol\n"),
    ("a\n.BB gold\nb\n.EB\nc", "a c\n"), ("a\n.BB not gold\nb\n.EB\nc", "a b c\n"),
    ("<p>a</p>\n.BB not gold\n<p>b</p>\n.EB\n<p>c</p>", "a\n\nb\n\nc\n"),
    ("<p>a</p>\n.BB gold\n<p>b</p>\n.EB\n<p>c</p>", "a\n\nc\n"),
    (".BB gold\n<a href='https://example.org/1'>1</a>\n.ELSE\n<a href='https://example.org/2'>2</a>\n.EB\n",
     "2 [2]\n\n[2] https://example.org/2\n"),
])
def test_a_text_is_drawn_from_the_html(html, text):
    values = {"first": "Ann", "city": "Köln", "url": "https://u.example"}
    assert shown(html or "<p>", values).text == text


@pytest.mark.parametrize(("text", "links", "shown_as"), [
    ("see https://example.org/a.", ["https://example.org/a"], "see L."),
    ("(https://example.org/a)", ["https://example.org/a"], "(L)"),
    ("<https://example.org/a>!", ["https://example.org/a"], "<L>!"),
    ('"https://example.org/a"', ["https://example.org/a"], '"L"'),
    ("https://example.org/a\nhttps://example.org/b", ["https://example.org/a", "https://example.org/b"], "L\nL"),
    ("https://example.org/{{city}}/x?y={{first}}, ok", ["https://example.org/{{city}}/x?y={{first}}"], "L, ok"),
    ("https://example.org/{{city}}\n.BB gold\nx\n.EB\n", ["https://example.org/{{city}}"], "L\n"),
    ("{{url}} {{*UnsubscribeURL}}", [], None), ("http://", [], "http://"),
    ("mailto:a@example.org", [], "mailto:a@example.org"),
    ("HTTPS://example.org/?a&amp;b", ["https://example.org/?a&amp;b"], "L"),
    ("https://example.org/{{*JobID}}.", ["https://example.org/261122A"], "L."),
])
def test_links_are_found_in_a_text_written_by_hand(text, links, shown_as):
    found = compiled(text=text, clicks=True)
    assert [link.url for link in found.links] == links
    page = found.render_parts({"city": "York", "first": "Ann", "url": "x"}, ANN).text
    assert shown_as in (None, re.sub(r"https://m\.example\.org/l/[\w-]{35}(\.[\w-]+)?", "L", page))


def test_a_field_in_the_host_of_a_written_link_is_refused():
    with pytest.raises(MergeError, match="In a link"):
        compiled(text="a https://{{city}}.example.org/")


def test_values_in_a_text_stand_as_they_are():
    assert shown(text="{{first}} <b> &amp; {{city}}",
                 values={"first": "<i>", "city": "a\r\nb\x00"}).text == "<i> <b> &amp; a\nb"
