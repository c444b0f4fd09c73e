"""Reads a source: merge fields, drop-ins, conditional blocks and comments."""

import re
from dataclasses import replace
from difflib import get_close_matches
from html.entities import html5

from maestro.content.language import dates
from maestro.content.language.nodes import (
    NESTING,
    SEGMENTS,
    SOURCE,
    Block,
    Field,
    Literal,
    MergeError,
    Source,
    SystemUrl,
    Text,
)
from maestro.content.language.words import TEXTS, URLS, unescaped
from maestro.lib import conditions
from maestro.lib.conditions import ConditionError

DEPTH = 5                     # drop-ins inside each other

_mark = re.compile(r"""
    ^\.(?P<directive>BB|ELSEIF|ELSE|EB)(?=[ \t]|$)(?P<condition>[^\n]*)\n?
  | ^\.\*(?P<comment>[^\n]*)\n?
  | \{\{(?P<braces>[^{}\n]*)\}\}
  | (?P<open>\{\{)
  | &(?-i:(?P<capitals>[A-Z][A-Z0-9_]*));
""", re.VERBOSE | re.MULTILINE | re.IGNORECASE)


def parse(source, words):
    """The nodes of `source`. Raises MergeError."""
    return _Parser(source, words, []).nodes()


class _Parser:
    """Reads one source; `outer` holds the names of the drop-ins around it."""

    def __init__(self, source, words, outer, spent=None):
        self.source = Source(source.part, source.text.replace("\r\n", "\n").replace("\r", "\n"))
        self.words = words
        self.outer = outer
        self.names = {name.lower(): name for name in words.fields}
        self.spent = spent or {"segments": 0, "characters": 0}
        self.found = []
        self.blocks = []             # of the open blocks: (nodes before it, its branches, place)

    def nodes(self):
        self.spend("characters", len(self.source.text), SOURCE, 0)
        end = 0
        for match in _mark.finditer(self.source.text):
            if match["capitals"] and not self.is_field(match["capitals"]):
                continue
            self.text(end, match.start())
            end = match.end()
            self.read(match)
        self.text(end, len(self.source.text))
        if self.blocks:
            self.fail(".EB is missing for this block.", self.blocks[-1][2])
        return tuple(self.found)

    def read(self, match):
        at = match.start()
        if match["directive"]:
            self.directive(match["directive"].upper(), match["condition"].strip(), at)
        elif match["braces"] is not None:
            self.braces(match["braces"], at)
        elif match["open"]:
            self.fail("{{ is not closed by }} on the same line.", at)
        elif match["capitals"]:
            self.add(Field(self.names[match["capitals"].lower()], at=at))

    def text(self, start, end):
        if end > start:
            self.add(Text(self.source.text[start:end], start))

    def add(self, node):
        self.spend("segments", 1, SEGMENTS, node.at)
        self.found.append(node)

    def spend(self, what, number, limit, at):
        self.spent[what] += number
        if self.spent[what] > limit:
            self.fail(f"This is too much for one message: at most {limit:,} {what}.", at)

    def fail(self, sentence, at):
        raise self.source.error(sentence, at)

    # --- blocks ---

    def directive(self, word, condition, at):
        if word in ("ELSE", "EB") and condition:
            self.fail(f"Nothing may follow .{word} on its line.", at)
        if word != "BB" and not self.blocks:
            self.fail(f".{word} without .BB before it.", at)
        if word == "BB":
            self.begin(condition, at)
        elif word == "EB":
            self.end(at)
        else:
            self.alternative(word, condition, at)

    def begin(self, condition, at):
        if len(self.blocks) >= NESTING:
            self.fail(f"Blocks can be nested at most {NESTING} deep.", at)
        self.blocks.append((self.found, [(self.condition(condition, at), [])], at))
        self.found = self.blocks[-1][1][-1][1]

    def alternative(self, word, condition, at):
        branches = self.blocks[-1][1]
        if branches[-1][0] is None:
            self.fail(f".{word} cannot follow .ELSE.", at)
        branches.append((self.condition(condition, at) if word == "ELSEIF" else None, []))
        self.found = branches[-1][1]

    def end(self, at):
        self.found, branches, start = self.blocks.pop()
        self.add(Block(tuple((condition, tuple(nodes)) for condition, nodes in branches), start))

    def condition(self, text, at):
        try:
            return conditions.parse(self.plain(text), self.words.fields)
        except ConditionError as error:
            self.fail(f"In this condition, character {error.position}: {error.sentence}", at)

    def plain(self, text):
        return unescaped(text) if self.source.part == "html" else text

    # --- fields and drop-ins ---

    def is_field(self, capitals):
        """&FIELD; is a field unless it is a word of HTML, such as &COPY;."""
        return capitals.lower() in self.names and f"{capitals};" not in html5

    def braces(self, inner, at):
        name, bar, fallback = self.plain(inner).partition("|")
        name, fallback = name.strip(), fallback.strip()
        if name.startswith("*"):
            self.system(name[1:].strip(), at)
        elif name.lower() in self.names:
            if len(fallback) > 1 and fallback[0] == fallback[-1] == '"':
                fallback = fallback[1:-1]
            self.add(Field(self.names[name.lower()], fallback, at))
        elif name in self.words.dropins and not bar:
            self.dropin(name, self.words.dropins[name], at)
        else:
            self.fail(f"There is no field or drop-in {name[:60] or '(empty)'}.{self.meant(name)}", at)

    def meant(self, name):
        known = {**{name.lower(): name for name in self.words.dropins}, **self.names}
        close = [known[word] for word in get_close_matches(name.lower(), known, 3)]
        return f" Did you mean {' or '.join(close)}?" if close else ""

    def system(self, inner, at):
        word, _, argument = inner.partition(" ")
        if word.lower() == "date":
            self.add(Literal(dates.written(self.words.today, argument.strip()), at))
        elif argument or word.lower() not in {known.lower() for known in URLS + TEXTS}:
            known = ", *".join(URLS + TEXTS)
            self.fail(f"There is no system drop-in *{inner[:60]}. These are known: *{known}.", at)
        elif word.lower() in self.words.texts:
            self.add(Literal(self.words.texts[word.lower()], at))
        else:
            self.add(SystemUrl(word.lower(), at))

    def dropin(self, name, found, at):
        if name in self.outer:
            self.fail(f"The drop-in {name} contains itself.", at)
        if len(self.outer) >= DEPTH:
            self.fail(f"Drop-ins can be nested at most {DEPTH} deep.", at)
        if found.html and self.source.part != "html":
            self.fail(f"The drop-in {name} is HTML. It cannot stand in plain text.", at)
        source = Source(self.source.part if found.html else "text", found.source)
        inner = _Parser(source, self.words, [*self.outer, name], self.spent)
        try:
            nodes = inner.nodes()
        except MergeError as error:
            self.fail(f"In the drop-in {name}, line {error.line}: {error.sentence}", at)
        for node in nodes:
            self.found.append(placed(node, at, self.source.part == "html" and not found.html))


def placed(node, at, as_literal):
    """A node of a drop-in at the place of its name; plain text in HTML has still to be escaped."""
    if isinstance(node, Text) and as_literal:
        return Literal(node.text, at)
    if isinstance(node, Block):
        return Block(tuple((condition, tuple(placed(inner, at, as_literal) for inner in nodes))
                           for condition, nodes in node.branches), at)
    return replace(node, at=at)
