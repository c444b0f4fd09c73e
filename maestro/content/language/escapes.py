"""How a value is written where it stands. Each function is the last word between a person's data and the message."""

import re
from datetime import date
from html import escape, unescape
from urllib.parse import quote

from maestro.lib.quoted import clean

_address = re.compile(r"https?://[^\s/?#@\\:\"'<>%]+(?::[0-9]+)?(?:[/?#][!-~]*)?", re.IGNORECASE)
_reference = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")


def attribute_text(markup):
    """What an attribute's markup means: only complete references count, so that ?a=1&copy=2 stays what it is."""
    return _reference.sub(lambda match: unescape(match.group()), markup)


def shown(value):
    """A value as text: whole numbers without a point, dates as 2026-11-22, yes or no; line ends as newline."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def html(value):
    return escape(shown(value))


def url(value):
    return quote(shown(value), safe="")


def whole(value):
    """A value that is a link by itself: only a plain http or https address, otherwise nothing."""
    text = shown(value).strip()
    return escape(text) if _address.fullmatch(text) else ""


def paragraph(text):
    """Our own text of several lines in HTML."""
    return escape(text).replace("\n", "<br>\n")


ESCAPES = {"html": html, "attribute": html, "url": url, "whole": whole, "plain": shown, "header": shown}
LITERALS = {**ESCAPES, "html": paragraph}
