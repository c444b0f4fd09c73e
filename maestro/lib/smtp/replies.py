"""What a mail server answers, read from bytes as they come (RFC 5321, section 4.2)."""

import re
from typing import NamedTuple

LONGEST = 1_000_000                                # bytes of one answer, all its lines; more is no answer but an attack
LINE = re.compile(rb"[2-5]\d\d(?:[ -]|$)")


class Garbage(Exception):
    """What came is no answer of a mail server."""


class Reply(NamedTuple):
    """One whole answer: its code, and the words of all its lines as they came."""

    code: int
    raw: bytes

    @property
    def text(self):
        """The words in one line, without anything that is no text."""
        words = self.raw.decode("utf-8", "replace")
        return words if words.isprintable() else "".join(c if c.isprintable() else " " for c in words).strip()

    @property
    def good(self):
        return self.code < 300

    def __str__(self):
        return f"{self.code} {self.text}"


class Reader:
    """Puts together the answers of one connection."""

    def __init__(self):
        self.rest = b""
        self.lines = []
        self.size = 0

    def feed(self, data):
        """The answers that are whole with `data`. Raises Garbage where it cannot be an answer."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        replies = [reply for line in lines if (reply := self._add(line))]
        if len(self.rest) + self.size > LONGEST:
            raise Garbage("an answer without end")
        return replies

    def _add(self, line):
        line = line.rstrip(b"\r")
        if not LINE.match(line):
            raise Garbage(f"“{Reply(0, line[:60]).text}”")
        if self.lines and line[:3] != self.lines[0][:3]:
            raise Garbage("an answer with two codes")
        if not self.lines and line[3:4] != b"-":
            return Reply(int(line[:3]), line[4:])
        self.lines.append(line)
        self.size += len(line)
        return None if line[3:4] == b"-" else self._whole()

    def _whole(self):
        lines, self.lines, self.size = self.lines, [], 0
        return Reply(int(lines[0][:3]), b"\n".join(line[4:] for line in lines))


def keywords(reply):
    """What a server offers in its answer to EHLO: {"SIZE": "35882577", "PIPELINING": ""}."""
    offered = {}
    for line in reply.raw.split(b"\n"):
        word, _, rest = line.decode("ascii", "replace").partition(" ")
        offered[word.upper()] = rest
    return offered
