"""Turns pieces into a template: fixed texts are encoded once, a message only fills slots.

One list of pieces is pressed twice, as quoted-printable bytes for the mail and as text for previews.
"""

import base64
import zlib
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from maestro.content.language.escapes import ESCAPES, LITERALS
from maestro.content.language.nodes import Block, Field, Literal, Slot, SystemUrl, Text, Token
from maestro.lib import conditions, quoted

PAGES = {"unsubscribeurl": ("/u/", "u"), "profileurl": ("/p/", "p"), "forwardurl": ("/f/", "f"),
         "viewinbrowserurl": ("/v/", "v"), "open": ("/o/", "o")}


class Places(NamedTuple):
    """Where pages of ours are: the public site, and the sign-up page of the message's list."""

    public_url: str
    subscribe_url: str


def packed(url):
    """An address short and safe enough to stand in another."""
    deflate = zlib.compressobj(9, wbits=-15)
    return base64.urlsafe_b64encode(deflate.compress(url.encode()) + deflate.flush()).decode().rstrip("=")


class Coder(NamedTuple):
    """How a template writes: fixed texts, tokens (short and safe anywhere), what follows a link's token, values by
    context, and the joint between pieces."""

    fixed: object
    token: object
    data: object
    values: dict
    joint: object


def remembered(escape, encode):
    return lru_cache(4096, typed=True)(lambda value: encode(escape(value)))


PLAIN = Coder(str, str, str, ESCAPES, "")
QUOTED = Coder(quoted.encode, str.encode, quoted.slot,
               {context: remembered(escape, quoted.slot) for context, escape in ESCAPES.items()}, quoted.SOFT)


def settled(nodes, places=None):
    """The pieces with every text that is the same for everybody written out; neighbours joined."""
    found = []
    written = (piece for node in nodes for piece in _settled(node, places))
    for is_text, run in groupby(written, lambda piece: isinstance(piece, Text)):
        pieces = list(run)
        text = "".join(piece.text for piece in pieces) if is_text else ""
        found.extend([Text(text)] * bool(text) if is_text else pieces)
    return tuple(found)


def _settled(node, places):
    match node:
        case Slot(Literal(text), context):
            return [Text(LITERALS[context](text))]
        case Slot(SystemUrl("subscribeurl"), context):
            return [Text(ESCAPES[context](places.subscribe_url))]
        case Slot(SystemUrl(word), context):
            path, kind = PAGES[word]
            return [Text(ESCAPES[context](places.public_url + path)), Slot(Token(kind), context)]
        case Block(branches):
            return [Block(tuple((condition, settled(inner, places)) for condition, inner in branches))]
    return [node]


class Template:
    """Settled pieces, ready to be filled as often as there are people."""

    def __init__(self, pieces, coder):
        self.coder = coder
        self.fixed, self.fills, places = [], [], {}
        order = []
        for piece in pieces:
            if isinstance(piece, Text):
                order.append(("fixed", len(self.fixed)))
                self.fixed.append(coder.fixed(piece.text))
            else:
                if piece not in places:
                    places[piece] = len(self.fills)
                    self.fills.append(filling(piece, coder))
                order.append(("fill", places[piece]))
        indexes = [index + len(self.fixed) * (kind == "fill") for kind, index in order]
        self.order = itemgetter(*indexes) if len(indexes) > 1 else tuple
        self.join = coder.joint.join

    def render(self, run):
        return self.join(self.order(self.fixed + [fill(run) for fill in self.fills]))


def filling(piece, coder):
    """The function that makes one slot's content out of a run."""
    match piece:
        case Slot(Field(name, fallback), context):
            return field_filling(name, fallback, coder.values[context])
        case Slot(Token("l", number, pieces)):
            return link_filling(number, pieces, coder)
        case Slot(Token(kind)):
            return lambda run: coder.token(run.token(kind))
        case Block(branches):
            return block_filling([(condition and conditions.ready(condition), Template(inner, coder))
                                  for condition, inner in branches], coder.joint[:0])


def field_filling(name, fallback, encode):
    instead = encode(fallback)

    def fill(run):
        value = run.values.get(name)
        return instead if value is None or value == "" else encode(value)

    return fill


def link_filling(number, pieces, coder):
    if not pieces:
        return lambda run: coder.token(run.link(number))
    address = Template(pieces, PLAIN)

    def fill(run):
        data = packed(address.render(run))
        return coder.data(f"{run.signed(number, data)}.{data}")

    return fill


def block_filling(branches, nothing):
    def fill(run):
        for condition, template in branches:
            if condition is None or condition(run.values, run.today):
                return template.render(run)
        return nothing

    return fill
