"""The plain part: written by hand, with its links found; or drawn from the HTML, with its links as footnotes."""

import re
from html import unescape

from maestro.content.language.escapes import attribute_text
from maestro.content.language.nodes import Block, Link, Slot, Text
from maestro.content.language.places import in_address

PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr", "form"}
LINES = {"div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "main", "nav", "center", "body",
         "address", "figure", "figcaption", "fieldset"}

_url = re.compile(r"https?://[^\s<>\"]*", re.IGNORECASE)
_more = re.compile(r"[^\s<>\"]*")
_after = re.compile(r"[.,;:!?)\]}'*_]+\Z")


def by_hand(source, nodes):
    """The pieces of a written text. Raises MergeError."""
    found, nodes = [], list(nodes)
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, Block):
            found.append(Block(tuple((condition, by_hand(source, inner)) for condition, inner in node.branches)))
        elif not isinstance(node, Text):
            found.append(Slot(node, "plain"))
        else:
            start = _url.search(node.text)
            if start and start.end() == len(node.text):
                found.append(Text(node.text[:start.start()]))
                found.extend(address(source, start.group(), nodes))
            elif start:
                found += [Text(node.text[:start.start()]), *ended(start.group())]
                nodes.insert(0, Text(node.text[start.end():], node.at))
            else:
                found.append(node)
    return tuple(found)


def address(source, start, nodes):
    """An address that reaches the end of its text: fields may follow in it, taken from the front of `nodes`."""
    pieces = [Text(start)]
    while nodes and not isinstance(nodes[0], Block):
        if not isinstance(nodes[0], Text):
            context, refusal = ("url", None) if len(pieces) > 1 else in_address(start)
            if refusal:
                raise source.error(refusal, nodes[0].at)
            pieces.append(Slot(nodes.pop(0), context))
            continue
        rest = nodes[0].text
        end = _more.match(rest).end()
        pieces.append(Text(rest[:end]))
        nodes[0] = Text(rest[end:], nodes[0].at)
        if end < len(rest):
            break
        nodes.pop(0)
    return ended("", pieces)


def ended(start, pieces=()):
    """The link, and behind it the punctuation that is no part of it."""
    pieces = list(pieces) or [Text(start)]
    tail = _after.search(pieces[-1].text) if isinstance(pieces[-1], Text) else None
    if not tail:
        return [Link(tuple(pieces), html=False)]
    pieces[-1] = Text(pieces[-1].text[:tail.start()])
    return [Link(tuple(pieces), html=False), Text(tail.group())]


def drawn(events):
    """The pieces of a text made from HTML."""
    page = _Page(count=[0])
    page.draw(events)
    return (*page.found, Text("\n\n" if page.notes else "\n"), *page.notes)


class _Page:
    """Collects text; white space waits in `gap` until something follows it."""

    def __init__(self, count, gap=None):
        self.count = count                   # footnotes so far, shared with the branches of blocks
        self.found, self.notes = [], []
        self.gap = gap                       # None at the very beginning, else "", a blank or line ends
        self.link = None

    def draw(self, events):
        for kind, content in events:
            if kind == "characters":
                self.characters(content)
            elif kind == "slot":
                self.put(Slot(content, "plain"))
            elif kind == "block":
                self.block(content)
            else:
                self.tag(kind, *content)

    def widen(self, gap):
        if self.gap is not None:
            self.gap = max(self.gap, gap, key=lambda text: (text.count("\n"), text))

    def put(self, piece):
        if self.gap:
            self.found.append(Text(self.gap))
        self.found.append(piece)
        self.gap = ""

    def characters(self, markup):
        text = unescape(markup).replace("\xa0", " ")
        words = text.split()
        if text[:1].isspace():
            self.widen(" ")
        if words:
            self.put(Text(" ".join(words)))
        if text[-1:].isspace():
            self.widen(" ")

    def block(self, node):
        branches, notes, gaps = [], [], [self.gap]
        for condition, events in node.branches:
            page = _Page(self.count, self.gap)
            page.draw(events)
            branches.append((condition, tuple(page.found)))
            notes.append((condition, tuple(page.notes)))
            gaps.append(page.gap)
        self.found.append(Block(tuple(branches)))
        if any(inner for _, inner in notes):
            self.notes.append(Block(tuple(notes)))
        self.gap = None if gaps[0] is None and not any(gaps) else ""
        for gap in gaps:
            self.widen(gap or "")

    def tag(self, kind, name, attributes):
        if name in PARAGRAPHS:
            self.widen("\n\n")
        elif name in LINES:
            self.widen("\n")
        elif name in ("td", "th"):
            self.widen(" ")
        elif name == "br" and self.gap is not None:
            self.gap = "\n" * min(2, self.gap.count("\n") + 1)
        if kind == "open" and name == "li":
            self.put(Text("* "))
        elif kind == "open" and name == "img":
            self.image(attributes.get("alt", ()))
        elif name == "a":
            self.anchor(kind, attributes.get("href", ()))

    def image(self, alt):
        if any(not isinstance(piece, Text) or piece.text.strip() for piece in alt):
            for piece in alt:
                self.put(Text(attribute_text(piece.text)) if isinstance(piece, Text) else Slot(piece.node, "plain"))

    def anchor(self, kind, href):
        if kind == "open":
            self.link = readable(href)
        elif self.link:
            self.count[0] += 1
            self.gap = self.gap if self.gap is None else ""
            self.put(Text(f" [{self.count[0]}]"))
            self.notes += [Text(f"[{self.count[0]}] "), *self.link, Text("\n")]
            self.link = None


def readable(href):
    """The pieces of an address as a person reads it; nothing for an anchor inside the page."""
    inner = href[0].pieces if href and isinstance(href[0], Link) else href
    if not inner or isinstance(inner[0], Text) and inner[0].text.strip().startswith("#"):
        return ()
    if isinstance(inner[0], Slot) and inner[0].context == "whole":
        return (Slot(inner[0].node, "plain"),)
    pieces = tuple(Text(attribute_text(piece.text)) if isinstance(piece, Text) else piece for piece in inner)
    return (Link(pieces, html=False),)
