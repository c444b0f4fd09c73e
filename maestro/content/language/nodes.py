"""What a source consists of, and what can be wrong with it."""

from dataclasses import dataclass, field

from maestro.lib.errors import Refused

SOURCE = 1_000_000            # characters of one source, drop-ins included
SEGMENTS = 2_000              # texts, fields and blocks in it
NESTING = 10                  # blocks inside each other
OUTPUT = 6_000_000            # octets of one finished body: 2 MB of text, which quoted-printable may triple


class MergeError(Refused):
    """A source that cannot be compiled. `field` is subject, html or text; line and column count from 1."""

    def __init__(self, sentence, field, line=1, column=1):
        super().__init__(sentence, field)
        self.line = line
        self.column = column


class RenderError(Refused):
    """The message cannot be built for this one recipient."""


@dataclass(frozen=True)
class Source:
    """One part's text; places in it are offsets."""

    part: str
    text: str

    def error(self, sentence, at):
        line = self.text.count("\n", 0, at) + 1
        return MergeError(sentence, self.part, line, at - (self.text.rfind("\n", 0, at) + 1) + 1)


@dataclass(frozen=True)
class Text:
    """Stands in the message as it is."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Literal:
    """Plain text that is the same for everybody, still to be escaped for its place."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Field:
    """A person's value, or the fallback where it is empty."""

    name: str
    fallback: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class SystemUrl:
    """The address of one of our own pages for this person; `word` is lower-case, such as unsubscribeurl."""

    word: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Token:
    """A signed token of `kind`; of a link it has the number, and the pieces of its address if it has fields."""

    kind: str
    number: int = 0
    pieces: tuple = ()


@dataclass(frozen=True)
class Block:
    """The first branch whose condition holds: pairs of condition (None: else) and content."""

    branches: tuple
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Slot:
    """A value and where it stands: html, attribute, url, whole (a link that is nothing else), plain or header."""

    node: object
    context: str


@dataclass(frozen=True)
class Link:
    """An address that may be tracked, by its pieces (Text and Slot); `html`: with entities."""

    pieces: tuple
    html: bool = True
    at: int = field(default=0, compare=False)


def everything(nodes):
    """All nodes, those inside blocks, links and slots included."""
    for node in nodes:
        yield node
        if isinstance(node, Block):
            for _, inner in node.branches:
                yield from everything(inner)
        elif isinstance(node, Link | Token):
            yield from everything(node.pieces)
        elif isinstance(node, Slot):
            yield from everything([node.node])
