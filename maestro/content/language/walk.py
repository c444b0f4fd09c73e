"""Walks the HTML around the merge fields as a browser would, so that each field's place is known.

What comes out: `pieces`, the HTML again, its fields as slots that know their context and its links apart; and
`events`, the same as tags, characters and slots, from which the plain text is made.
"""

import re

from maestro.content.language.nodes import Block, Link, Slot, Text
from maestro.content.language.places import HOST_SENTENCE, context, fault

RAW = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
READABLE = {"title", "textarea"}
LINKS = {"a", "area"}

_markup = re.compile(r"<(?:(?P<comment>!--)|(?P<close>/)?(?P<tag>[A-Za-z][^\s/>]*)|(?P<other>[!?/]))")
_gap = re.compile(r"[\s/]+")
_attribute = re.compile(r"(?P<name>=?[^\s/>=]*)(?P<equals>\s*=\s*)?")
_unquoted = re.compile(r"[^\s>]+")
_ends = {"comment": re.compile(r"--!?>"), "declaration": re.compile(">")}
_half_end = re.compile(r"<(?:/[a-z]*)?\Z", re.IGNORECASE)


def walk(source, nodes):
    """(pieces, events) of an HTML source. Raises MergeError."""
    walker = _Walker(source)
    walker.take(nodes)
    if walker.mode not in ("data", "opening"):
        raise source.error(f"The text ends inside {fault(walker.mode)}. Close it.", len(source.text))
    return tuple(walker.pieces), tuple(walker.events)


def joined(nodes):
    """Neighbouring texts as one, so that only fields and blocks interrupt."""
    found = []
    for node in nodes:
        if found and isinstance(node, Text) and isinstance(found[-1], Text):
            node = Text(found.pop().text + node.text, node.at)
        found.append(node)
    return found


class _Walker:
    """A state machine. `mode` is data, opening, tag, quoted, comment, declaration or the name of a raw element."""

    def __init__(self, source):
        self.source = source
        self.mode = "data"
        self.pieces, self.events = [], []

    def take(self, nodes):
        for node in joined(nodes):
            if isinstance(node, Text):
                self.static(node)
            elif isinstance(node, Block):
                self.block(node)
            else:
                self.slot(node)

    def fail(self, sentence, at):
        raise self.source.error(sentence, at)

    # --- fields and blocks ---

    def slot(self, node):
        if self.mode == "quoted":
            found, refusal = context(self.tag, self.attribute, self.value, node)
            if refusal:
                self.fail(refusal, node.at)
            self.value.append(Slot(node, found))
        elif self.mode == "data":
            self.pieces.append(Slot(node, "html"))
            self.events.append(("slot", node))
        elif self.mode in READABLE and not _half_end.search(self.tail):
            self.pieces.append(Slot(node, "attribute"))
        else:
            self.fail(f"A merge field or drop-in cannot stand inside {fault(self.mode)}.", node.at)

    def block(self, node):
        if self.mode != "data" and self.mode not in RAW:
            self.fail(f"A conditional block cannot begin inside {fault(self.mode)}.", node.at)
        mode, pieces, events = self.mode, self.pieces, self.events
        branches, told = [], []
        for condition, nodes in node.branches:
            self.pieces, self.events = [], []
            self.take(nodes)
            if self.mode != mode:
                self.fail("A conditional block must end in the same place as it begins: close the tag, comment or "
                          "quotation inside it.", node.at)
            branches.append((condition, tuple(self.pieces)))
            told.append((condition, tuple(self.events)))
        self.pieces, self.events = pieces, events
        self.pieces.append(Block(tuple(branches), node.at))
        self.events.append(("block", Block(tuple(told), node.at)))

    # --- static text ---

    def static(self, node):
        text, at = node.text, 0
        while at < len(text):
            read = self.in_raw if self.mode in RAW else getattr(self, f"in_{self.mode}")
            end = read(text, at)
            if self.mode == "quoted" and end > at and self.value is None:
                self.value, self.place = [], node.at + end
            at = end

    def keep(self, text, at, end):
        """Copy markup to where it belongs; the end is where reading goes on."""
        if end > at:
            self.pieces.append(Text(text[at:end]))
        return end

    def in_data(self, text, at):
        end = text.find("<", at)
        end = len(text) if end < 0 else end
        if end > at:
            self.events.append(("characters", text[at:end]))
            return self.keep(text, at, end)
        return self.in_opening(text, at)

    def in_opening(self, text, at):
        """At a `<`. The mode opening only stays when a field follows at once, which is refused."""
        found = _markup.match(text, at)
        if not found:
            self.mode = "opening" if at + 1 == len(text) else "data"
            self.events.append(("characters", "<"))
            return self.keep(text, at, at + 1)
        if found["tag"]:
            self.mode, self.tag, self.closing = "tag", found["tag"].lower(), bool(found["close"])
            self.attributes = {}
            return self.keep(text, at, found.end())
        self.mode = "comment" if found["comment"] else "declaration"
        return self.keep(text, at, at + 2)

    def in_comment(self, text, at):
        found = _ends[self.mode].search(text, at)
        if found:
            self.mode = "data"
        return self.keep(text, at, found.end() if found else len(text))

    in_declaration = in_comment

    def in_raw(self, text, at):
        found = re.compile(rf"</(?={self.mode}[\s/>])", re.IGNORECASE).search(text, at)
        end = found.start() if found else len(text)
        self.tail = text[at:end][-12:]
        if found:
            self.mode = "data"
        return self.keep(text, at, end)

    # --- tags ---

    def in_tag(self, text, at):
        gap = _gap.match(text, at)
        if gap:
            return self.keep(text, at, gap.end())
        if text[at] == ">":
            self.finish()
            return self.keep(text, at, at + 1)
        found = _attribute.match(text, at)
        self.attribute = found["name"].lower()
        self.attributes.setdefault(self.attribute, ())
        end = found.end()
        if found["equals"] and text[end:end + 1] in ("'", '"'):
            self.mode, self.quote, self.value = "quoted", text[end], None
            return self.keep(text, at, end + 1)
        unquoted = found["equals"] and _unquoted.match(text, end)
        if unquoted:
            self.attributes[self.attribute] = (Text(unquoted.group()),)
            end = unquoted.end()
        return self.keep(text, at, end)

    def in_quoted(self, text, at):
        end = text.find(self.quote, at)
        if end < 0:
            self.value.append(Text(text[at:], self.place))
            return len(text)
        if end > at:
            self.value.append(Text(text[at:end], self.place))
        self.end_value()
        return self.keep(text, end, end + 1)

    def end_value(self):
        value = tuple(self.value)
        if value and isinstance(value[0], Slot) and value[0].context == "whole" and len(value) > 1:
            self.fail(HOST_SENTENCE, value[0].node.at)
        if self.tag in LINKS and self.attribute == "href" and not self.closing:
            value = (Link(value, at=self.place),)
        self.pieces.extend(value)
        self.attributes[self.attribute] = value
        self.mode = "tag"

    def finish(self):
        self.mode = self.tag if self.tag in RAW and not self.closing else "data"
        self.tail = ""
        if self.mode == "data":
            self.events.append(("close" if self.closing else "open", (self.tag, self.attributes)))
