"""HTML and CSS that users wrote, made harmless before any page of ours shows it (nh3; safety by allowed lists)."""

import re

import nh3

from maestro.lib.errors import Refused

BODY = "{{maestro:body}}"                          # where our own page or mail comes in
BLOCKS = {"a", "abbr", "address", "article", "aside", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em",
          "figcaption", "figure", "footer", "h2", "h3", "h4", "header", "hr", "i", "img", "li", "nav", "ol", "p",
          "section", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}
LETTER = {"center", "font", "h1", "h5", "h6", "caption", "tfoot"}
WORDS = {"a", "b", "br", "em", "i", "strong"}
ATTRIBUTES = {"*": {"class", "dir", "lang", "title"}, "a": {"href"}, "img": {"src", "alt", "width", "height"},
              "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
OF_MAIL = {"*": {"style", "dir", "lang", "align"}, "a": {"href"}, "img": {"src", "alt", "width", "height"},
           "table": {"width", "cellpadding", "cellspacing", "border", "bgcolor"},
           "td": {"colspan", "rowspan", "width", "valign", "bgcolor"}}
STYLES = {"background", "background-color", "border", "border-bottom", "border-collapse", "border-left",
          "border-radius", "border-right", "border-top", "color", "display", "font", "font-family", "font-size",
          "font-weight", "height", "line-height", "margin", "margin-bottom", "margin-left", "margin-right",
          "margin-top", "max-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
          "text-align", "text-decoration", "width"}
SCHEMES = {"http", "https", "mailto", "tel"}

_body = re.compile(r"<(/?)body\b", re.IGNORECASE)
_loads = re.compile(r"@import|@charset|url\(\s*(?!['\"]?data:image/)|image-set|expression|</|\\", re.IGNORECASE)


class Clean(str):
    """HTML that this module made harmless; templates write it as it is."""

    __slots__ = ()

    def __html__(self):
        return str(self)


def page(html):
    """The frame of a page as (before, after) what it frames. Inline styles go: a page has its sheet for them."""
    return halves(nh3.clean(html, tags=BLOCKS, attributes=ATTRIBUTES, url_schemes=SCHEMES | {"data"}), "page")


def mail(html):
    """The frame of a mail as (before, after)."""
    return halves(nh3.clean(html, tags=BLOCKS, attributes=OF_MAIL, url_schemes=SCHEMES, filter_style_properties=STYLES),
                  "mail")


def issue(html):
    """A whole message for the public archive: looks stay, also those of its body; everything that acts goes."""
    html = _body.sub(r"<\1div", html)
    return nh3.clean(html, tags=BLOCKS | LETTER, attributes={**OF_MAIL, "*": OF_MAIL["*"] | {"class", "bgcolor"}},
                     url_schemes=SCHEMES, clean_content_tags={"script", "style", "title"})


def halves(html, field):
    before, found, after = html.partition(BODY)
    if not found or BODY in after or before.rfind("<") > before.rfind(">"):
        raise Refused("Write {{maestro:body}} once, outside of tags: there the rest comes in.", field)
    return Clean(before), Clean(after)


def words(html):
    """A short text with nothing but emphasis and links."""
    return nh3.clean(html, tags=WORDS, attributes={"a": {"href"}}, url_schemes=SCHEMES)


def sheet(css):
    """A style sheet that loads nothing from elsewhere."""
    if found := _loads.search(css):
        raise Refused(f"A style sheet cannot have “{found.group().strip()}”: it loads nothing from elsewhere.", "sheet")
    return css
