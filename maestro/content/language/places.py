"""Where in HTML a value may stand."""

import re

from maestro.content.language.escapes import attribute_text
from maestro.content.language.nodes import Text

ADDRESSES = {"action", "background", "cite", "data", "dynsrc", "formaction", "href", "longdesc", "lowsrc", "manifest",
             "ping", "poster", "profile", "src", "usemap", "xlink:href"}
CODE_TAGS = {"base", "embed", "iframe", "link", "meta", "object", "script", "style"}

_host = re.compile(r"(?:https?:)?//[^\s/?#@\\:\"'<>%]+(?::[0-9]+)?[/?#]", re.IGNORECASE)
_other = re.compile(r"(?:mailto|tel|sms):|[?#]|/(?![/\\])", re.IGNORECASE)
_ignored = re.compile(r"[\t\n\r]")

HOST_SENTENCE = ("In a link the part up to the first / must be written out. A field may stand behind it, or be the "
                 "whole link.")
FAULTS = {"opening": "a tag: put a blank behind < or write &lt;", "tag": "a tag or an attribute without quotes",
          "comment": "a comment", "declaration": "a declaration", "quoted": "an attribute"}


def fault(mode):
    """The place in words, for the sentence of a refusal."""
    return FAULTS.get(mode, f"<{mode}>")


def context(tag, attribute, before, node):
    """(context, refusal) of `node` in a quoted attribute whose value begins with the pieces `before`."""
    if tag in CODE_TAGS:
        return None, f"A merge field or drop-in cannot stand inside a <{tag}> tag."
    if attribute == "style" or attribute.startswith("on") or attribute in ("srcdoc", "srcset"):
        return None, f"A merge field or drop-in cannot stand inside the attribute {attribute}."
    if attribute not in ADDRESSES:
        return "attribute", None
    if not before:
        return "whole", None
    if any(not isinstance(piece, Text) for piece in before):
        return "url", None
    return in_address(attribute_text("".join(piece.text for piece in before)))


def in_address(start):
    """(context, refusal) behind the literal `start` of an address."""
    start = _ignored.sub("", start).lstrip("".join(map(chr, range(33))))
    if _host.match(start) or _other.match(start):
        return "url", None
    return None, HOST_SENTENCE


