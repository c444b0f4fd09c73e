"""What users write for pages and mails does nothing but look."""

import pytest

from maestro.lib import cleaner, colours
from maestro.lib.errors import Refused

EVIL = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<a href="javascript:alert(1)">x</a>',
        "<iframe src=https://evil.example></iframe>", '<form action="https://evil.example"><input name=p></form>',
        "<svg onload=alert(1)>", '<p style="background:url(javascript:alert(1))">', "<base href=//evil.example>",
        "<link rel=stylesheet href=//evil.example>", "<meta http-equiv=refresh content=0>", "<object data=x></object>"]


@pytest.mark.parametrize("read", [cleaner.page, cleaner.mail])
@pytest.mark.parametrize("html", EVIL)
def test_nothing_that_acts_passes(read, html):
    before, after = read(f"{html}<div>{{{{maestro:body}}}}</div>")
    acting = "script", "onerror", "onload", "iframe", "<form", "<input", "<svg", "<base", "<link", "<meta", "<object"
    for word in acting:
        assert word not in before + after


def test_a_frame_keeps_its_shape_around_the_body():
    html = '<header class="top"><h2>Fern</h2></header><div>{{maestro:body}}</div><footer>x</footer>'
    before, after = cleaner.page(html)
    assert before == '<header class="top"><h2>Fern</h2></header><div>' and after == "</div><footer>x</footer>"
    assert "style" in "".join(cleaner.mail('<p style="color:red">{{maestro:body}}</p>'))
    assert "position" not in "".join(cleaner.mail('<p style="position:fixed">{{maestro:body}}</p>'))


@pytest.mark.parametrize("html", [
    "<p>nothing</p>", "{{maestro:body}}{{maestro:body}}", '<p title="{{maestro:body}}">x</p>'])
def test_the_body_stands_once_and_in_no_tag(html):
    with pytest.raises(Refused):
        cleaner.page(html)


@pytest.mark.parametrize("css", [
    "@import 'x';", "a{background:url(https://x.example/a.png)}", "</style>", "a{b:expression(1)}", "a{b:\\75rl(x)}"])
def test_a_sheet_loads_nothing(css):
    with pytest.raises(Refused):
        cleaner.sheet(css)


def test_an_ordinary_sheet_stays():
    css = ".card { border-radius: 0; background: url(data:image/png;base64,AA) }"
    assert cleaner.sheet(css) == css


@pytest.mark.parametrize(("one", "other", "ratio"), [
    ("#000", "#fff", 21), ("#fff", "#ffffff", 1), ("#767676", "#fff", 4.54)])
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(colours.contrast(colours.parse(one, ""), colours.parse(other, "")), 2) == ratio


@pytest.mark.parametrize("text", ["#ff0", "#0c7a6b", "#ffffff"])
def test_a_colour_is_darkened_until_it_can_be_read(text):
    made = colours.made_readable(colours.parse(text, ""), colours.WHITE, colours.BLACK)
    assert colours.contrast(made, colours.WHITE) >= 4.5
    assert (made == colours.parse(text, "")) == (text == "#0c7a6b")
