import pytest

from maestro.content.language.nodes import Link, MergeError, Slot, Source, everything
from maestro.content.language.parse import parse
from maestro.content.language.walk import walk
from tests.content.samples import WORDS


def taken_apart(html):
    source = Source("html", html)
    return walk(source, parse(source, WORDS))


def contexts(html):
    return [node.context for node in everything(taken_apart(html)[0]) if isinstance(node, Slot)]


@pytest.mark.parametrize(("html", "expected"), [
    ("{{first}}", "html"), ("<p>{{first}}</p>", "html"), ("a < b {{first}}", "html"), ("1 <2 {{first}}", "html"),
    ("<p title='{{first}}'>", "attribute"), ('<p title="a>{{first}}">', "attribute"),
    ('<p title = "{{first}}"x>', "attribute"),
    ('<P TITLE="{{first}}">', "attribute"), ("<title>{{first}}</title>", "attribute"),
    ('<br/><i a="{{first}}"/>', "attribute"),
    ('<a href="{{url}}">', "whole"), ('<a href="https://example.org/{{first}}">', "url"),
    ('<img src="{{url}}">', "whole"),
    ('<a href="https://example.org?{{first}}">', "url"), ('<a href="https://example.org#{{first}}">', "url"),
    ('<a href="http://example.org:8080/a?b={{first}}">', "url"), ('<a href=" https://example.org/{{first}}">', "url"),
    ('<a href="HTTPS://EXAMPLE.ORG/{{first}}">', "url"), ('<img src="//example.org/{{first}}">', "url"),
    ('<a href="mailto:{{address}}">', "url"), ('<a href="tel:{{first}}">', "url"), ('<a href="/x/{{first}}">', "url"),
    ('<a href="#{{first}}">', "url"), ('<a href="https&#58;//example.org/{{first}}">', "url"),
    ('<a href="https://bücher.example/{{first}}">', "url"), ("<!-- x --><p>{{first}}", "html"),
    ("<!-->{{first}}", "html"),
    ("<!--->{{first}}", "html"), ("<!--[if !mso]><!-->{{first}}<!--<![endif]-->", "html"),
    ("<!doctype html>{{first}}", "html"),
    ("<style>a{}</style>{{first}}", "html"), ("<STYLE>a{}</Style >{{first}}", "html"),
    ("<script>'</p>'</script>{{first}}", "html"),
    ("<?xml x?>{{first}}", "html"), ("</p x='>'>{{first}}", "html"), ("<p title=a>{{first}}", "html"),
    ("<p title=>{{first}}", "html"),
    ("<textarea>{{first}}</textarea>", "attribute"), ('<a b=c"d href="{{url}}">', "whole"),
    ("<a\nhref\n=\n'{{url}}'>", "whole"),
])
def test_a_field_learns_where_it_stands(html, expected):
    assert contexts(html) == [expected]


@pytest.mark.parametrize(("html", "words"), [
    ("<style>a{color:{{first}}}</style>", "<style>"), ("<script>x={{first}}</script>", "<script>"),
    ("<!-- {{first}} -->", "a comment"),
    ("<{{first}}>", "a tag"), ("<p {{first}}>", "a tag"), ("<p {{first}}='x'>", "a tag"),
    ("<p title={{first}}>", "without quotes"),
    ("<p title=a{{first}}>", "without quotes"), ("</p {{first}}>", "a tag"),
    ("<p style='color:{{first}}'>", "attribute style"),
    ("<p onclick='{{first}}'>", "attribute onclick"), ("<p ONCLICK='{{first}}'>", "attribute onclick"),
    ("<!{{first}}>", "declaration"),
    ("<iframe srcdoc='{{first}}'>", "<iframe>"), ("<img srcset='{{url}} 2x'>", "srcset"),
    ("<meta content='{{first}}'>", "<meta>"),
    ("<base href='{{url}}'>", "<base>"), ("<xmp>{{first}}</xmp>", "<xmp>"), ("<title></ti{{first}}tle>", "<title>"),
    ("<textarea><{{first}}</textarea>", "<textarea>"), ("<a href='https://{{first}}'>", "In a link"),
    ("<a href='https://example.org{{first}}'>", "In a link"),
    ("<a href='https://{{first}}.example.org/'>", "In a link"),
    ("<a href='https://example.org:{{first}}/'>", "In a link"), ("<a href='{{url}}/x'>", "In a link"),
    ("<a href='{{url}}{{first}}'>", "In a link"), ("<a href='java{{first}}'>", "In a link"),
    ("<a href='javascript:{{first}}'>", "In a"),
    ("<a href='data:text/html,{{first}}'>", "In a link"), ("<a href='https://a@{{first}}/'>", "In a link"),
    ("<a href='https://user:x@example.org/{{first}}'>", "In a link"), ("<a href='https:\\\\{{first}}'>", "In a link"),
    ("<a href='https:///{{first}}'>", "In a link"),
    ("<a href='/{{first}}'>", None), ("<a href='//{{first}}'>", "In a link"), ("<a href='/\\{{first}}'>", "In a link"),
    ("<a href='&#106;avascript:{{first}}'>", "In a link"), ("<a href='java&Tab;script:{{first}}'>", "In a link"),
    ("<a href='x{{first}}'>", "In a link"), ("<form action='https://{{first}}/'>", "In a link"),
    ("a <{{first}}", "put a blank"),
    ("<svg><a xlink:href='x{{first}}'>", "In a link"),
])
def test_a_field_is_refused_where_no_escaping_would_help(html, words):
    if words is None:
        assert contexts(html) == ["url"]
        return
    with pytest.raises(MergeError) as refusal:
        taken_apart(f"<p>\n{html}")
    assert words in refusal.value.sentence
    assert refusal.value.line == 2


@pytest.mark.parametrize("html", [
    "<p>\n.BB gold\n<b>x</b>\n.EB\n</p>", "<style>\n.BB gold\na{}\n.EB\n</style>",
    "<table>\n.BB gold\n<tr><td>{{first}}</td></tr>\n.EB\n</table>",
    ".BB gold\n<p>\n.ELSE\n<div>\n.EB\n",
])
def test_blocks_may_stand_around_anything_whole(html):
    assert taken_apart(html)


@pytest.mark.parametrize("html", [
    "<p\n.BB gold\nclass='x'\n.EB\n>", "<p title='\n.BB gold\nx\n.EB\n'>", ".BB gold\n<p\n.EB\n>",
    ".BB gold\n<!--\n.EB\n-->",
    ".BB gold\n<p title='\n.ELSE\n<p title=\"\n.EB\n", ".BB gold\n<style>\n.EB\n</style>", "<!--\n.BB gold\n.EB\n-->",
    "<style>\n.BB gold\n</style>\n.EB\n",
])
def test_a_block_cannot_change_where_the_text_behind_it_stands(html):
    with pytest.raises(MergeError):
        taken_apart(html)


@pytest.mark.parametrize("html", ["<p", "<p title='x", "<!-- x", "<style>a{}", "<p title=", "<!x", "<script>"])
def test_html_that_ends_in_the_middle_is_refused(html):
    with pytest.raises(MergeError, match="ends inside"):
        taken_apart(html)


@pytest.mark.parametrize("html", [
    "", "plain", "a < b <", "<p>x</p>", "<a href=x>", "<a href='https://example.org/'>x</a>", "<!-- a --><b>",
    "<title>a</title>", "a<3",
    "<script>if (a<b && c>d) '</p>'</script>", "<p a b=c d='e' f=\"g\"/>", "< p>", "</>", "<!>", "<a =x>",
    "<p title='é\n'>", "<?php ?>",
])
def test_static_html_comes_out_as_it_went_in(html):
    pieces = [piece for node in taken_apart(html)[0] for piece in (node.pieces if isinstance(node, Link) else [node])]
    assert "".join(piece.text for piece in pieces) == html


def test_only_the_addresses_of_anchors_are_links():
    pieces, _ = taken_apart("<a href='https://example.org/'><area href='x'><img src='https://example.org/x.png'></a>"
                            "<b href='x'>")
    assert [node.pieces[0].text for node in pieces if isinstance(node, Link)] == ["https://example.org/", "x"]
