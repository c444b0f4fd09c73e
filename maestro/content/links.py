"""Links of a message: found and numbered when it is compiled, read again when somebody clicks.

A tracked link is PUBLIC/l/TOKEN and its target is looked up by job and number. Where the address has merge
fields it travels along, TOKEN.DATA, covered by the token's signature: no URL is taken from a request.
"""

import base64
import binascii
import re
import zlib
from typing import NamedTuple
from urllib.parse import quote

import idna

from maestro.content.language.compile import settled
from maestro.content.language.escapes import attribute_text
from maestro.content.language.nodes import Block, Link, Slot, SystemUrl, Text, Token

LONGEST = 65_536              # octets of an address that travels along

_web = re.compile(r"(https?://)([^\s/?#@\\:\"'<>%]+)((?::[0-9]+)?)((?:[/?#].*)?)\Z", re.IGNORECASE | re.DOTALL)
_kept = "!#$%&'()*+,/:;=?@[]~"


class Address(NamedTuple):
    """A tracked link as a job stores it. `merged`: `url` is a pattern with {{fields}}, the real one travels along."""

    number: int
    url: str
    merged: bool


class Clicked(NamedTuple):
    """What a link's token says; `url` is None where the target is stored with the job."""

    id: int
    number: int
    url: str | None


class Register:
    """Numbers the tracked links of one message, in the order of their appearance, from the one after `before`."""

    def __init__(self, public_url, tracking, before=0):
        self.public_url = public_url
        self.tracking = tracking
        self.before = before
        self.links = []
        self.known = {}

    def settle(self, nodes, again=False):
        """The pieces with each link written as it goes out; `again`: one that was seen before keeps its number."""
        for node in nodes:
            if isinstance(node, Link):
                yield from self.written(node, again)
            elif isinstance(node, Block):
                yield Block(tuple((condition, tuple(self.settle(inner, again))) for condition, inner in node.branches))
            else:
                yield node

    def written(self, link, again):
        target = pieces(link)
        if not self.tracking or not target:
            return link.pieces
        number = again and self.known.get(target) or self.number(target)
        return [Text(f"{self.public_url}/l/"), Slot(Token("l", number, target[1:] and target), "plain")]

    def number(self, target):
        number = self.before + len(self.links) + 1
        self.links.append(Address(number, "".join(map(pattern, target)), len(target) > 1))
        self.known.setdefault(target, number)
        return number


def pieces(link):
    """The target of a link by its pieces, unescaped and ASCII; empty when it is none that we track."""
    read = attribute_text if link.html else str
    if any(ours(piece) for piece in link.pieces):
        return ()
    found = settled(Text(read(piece.text)) if isinstance(piece, Text) else piece for piece in link.pieces)
    if not found or not isinstance(found[0], Text):
        return ()
    match = _web.match(found[0].text.strip() if len(found) == 1 else found[0].text.lstrip())
    if not match:
        return ()
    try:
        host = match[2] if match[2].isascii() else idna.encode(match[2], uts46=True).decode()
    except idna.IDNAError:
        return ()
    start = Text(match[1].lower() + host + match[3] + quote(match[4], safe=_kept))
    return (start, *(Text(quote(piece.text, safe=_kept)) if isinstance(piece, Text) else piece for piece in found[1:]))


def ours(piece):
    """Pages of ours carry tokens of their own: a link to one is never tracked."""
    return isinstance(piece, Slot) and isinstance(piece.node, SystemUrl)


def pattern(piece):
    return piece.text if isinstance(piece, Text) else f"{{{{{piece.node.name}}}}}"


def unpacked(data):
    """The address that `compile.packed` wrote."""
    raw = base64.b64decode(data + "=" * (-len(data) % 4), b"-_", validate=True)
    return zlib.decompressobj(wbits=-15).decompress(raw, LONGEST).decode()


def read(maker, tail):
    """What stands behind /l/ in an address that we made, or None."""
    token, dot, data = tail.partition(".")
    if not data.isascii():
        return None
    found = maker.read("l", token, data.encode())
    if not found or maker.mint_link(found.id, found.epoch, found.number, data.encode()) != token:
        return None                  # the last character of a token has two bits to spare: only ours is good
    try:
        return Clicked(found.id, found.number, unpacked(data) if dot else None)
    except (binascii.Error, zlib.error, UnicodeError):
        return None
