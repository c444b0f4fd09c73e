"""Bytes in any encoding as UTF-8, and the line that breaks its encoding by number."""

import codecs
import io

from maestro.lib.errors import Refused
from maestro.lib.tabular.dialect import ENCODINGS

MARK = codecs.BOM_UTF8


def as_utf8(pieces, encoding):
    """The same text in UTF-8 without a byte order mark."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, cut, first = 1, False, True
    for piece in pieces:
        text = decode(decoder, piece, encoding, line, cut)
        line, cut = line + ends(text, cut), text[-1:] == "\r" or cut and not text
        plain = piece if encoding == "utf-8" else text.encode()
        yield plain.removeprefix(MARK) if first else plain
        first = first and not plain
    decode(decoder, b"", encoding, line, cut, final=True)


def ends(text, cut):
    """How many lines end in a text; `cut`: the text before it ended with a \\r, which was counted."""
    return text.count("\n") + text.count("\r") - text.count("\r\n") - (cut and text[:1] == "\n")


def decode(decoder, piece, encoding, line, cut, final=False):
    before = decoder.getstate()
    try:
        return decoder.decode(piece, final)
    except UnicodeDecodeError as problem:
        decoder.setstate(before)
        good = len(piece) - len(problem.object) + problem.start
        line += ends(decoder.decode(piece[:max(0, good)]), cut)
        name = ENCODINGS[encoding]
        raise Refused(f"Line {line:,} is not written in {name}. Choose another character set.", "encoding") from None


class Joined(io.RawIOBase):
    """Pieces of bytes as one stream."""

    def __init__(self, first, others):
        self.piece = first
        self.others = others

    def readable(self):
        return True

    def readinto(self, buffer):
        while not self.piece:
            try:
                self.piece = next(self.others)
            except StopIteration:
                return 0
        part, self.piece = self.piece[: len(buffer)], self.piece[len(buffer):]
        buffer[: len(part)] = part
        return len(part)
