"""Data made whole before the first byte leaves: its length is known, and a crash never looks like a short file."""

import tempfile
from typing import NamedTuple

PIECE = 1 << 16


class Made(NamedTuple):
    """A file that is ready: content type, name, length in bytes, rows (of people or entries), and its bytes in pieces.

    `headers` are further facts for the answer.
    """

    type: str
    name: str
    length: int
    rows: int
    chunks: object
    headers: dict


class Counter:
    """Counts what passes through, and remembers the last."""

    def __init__(self, things):
        self.things, self.count, self.last = things, 0, None

    def __iter__(self):
        for thing in self.things:
            self.count, self.last = self.count + 1, thing
            yield thing


def spool(pieces):
    """A temporary file with everything in it, read from its start; gone when it is closed."""
    file = tempfile.TemporaryFile()                # noqa: SIM115 - closed by `chunks`
    try:
        for piece in pieces:
            file.write(piece)
    except BaseException:
        file.close()
        raise
    return file


def chunks(file):
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def made(type, name, pieces, counter, headers=dict):
    """The finished file. `headers` is asked for what it is to say when everything has passed `counter`."""
    file = spool(pieces)
    return Made(type, name, file.tell(), counter.count, chunks(file), headers())
