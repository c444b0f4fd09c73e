"""Made-up text files as people send them: in every encoding, with stray quotes, ragged rows and torn ends.

Each comes with what has to come of it: the rows and their lines, the lines that cannot be used, or the line at which
reading stops.
"""

import random
from typing import NamedTuple

from maestro.lib.tabular.dialect import Dialect

SIGNS = {"utf-8": "éü東ß☃", "utf-8-sig": "éü東ß☃", "utf-16": "éü東Ċ𝄞☃", "utf-16-be": "éü東Ċ☃", "cp1252": "éüß€Œ",
         "iso-8859-1": "éüß", "shift_jis": "東ソ表能ア", "gb18030": "東é☃", "cp1251": "Жя"}
BROKEN = {"utf-8": b"\xfc", "cp1252": b"\x81", "shift_jis": b"\x81\x01", "utf-16": b"\x00\xdc\x00\xdc"}
ENDS = ("\n", "\r\n", "\r")


class Case(NamedTuple):
    """`stops`: the number of the line that a refusal has to name, 0 for a refusal without one, None for no refusal."""

    content: bytes
    dialect: Dialect
    rows: list
    lines: list
    bad: list
    stops: int | None = None


class Maker:
    """One made-up file."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.encoding = self.chance.choice([*SIGNS])
        self.separator = self.chance.choice(",;\t|")
        self.width = self.chance.randint(2, 6)
        self.end = self.chance.choice([*ENDS, ""])             # "": now this way, now that
        self.text, self.line = "", 1
        self.rows, self.lines, self.bad = [], [], []

    def cell(self):
        """A cell; one that holds a quote does not begin with one, unless it is quoted itself."""
        signs = [*SIGNS[self.encoding], *"ab0 '=", '"', '"', "\0", self.separator, "\n", "\r\n"]
        return "".join(self.chance.choices(signs, k=self.chance.choice([0, 0, 1, 2, 4, 9])))

    def written(self, cell):
        must = cell[:1] == '"' or any(sign in cell for sign in (self.separator, "\n", "\r"))
        return '"' + cell.replace('"', '""') + '"' if must or self.chance.random() < 0.1 else cell

    def put(self, cells):
        """Write a row; answers with the line on which it begins."""
        begins = self.line
        row = self.separator.join(map(self.written, cells)) + (self.end or self.chance.choice(ENDS))
        self.text += row
        self.line += row.count("\n") + row.count("\r") - row.count("\r\n")
        return begins

    def put_good(self):
        cells = [self.cell() for _ in range(self.width)]
        line = self.put(cells)
        if any(cells):
            self.rows.append(tuple(cells))
            self.lines.append(line)

    def put_ragged(self):
        width = self.chance.choice([1, self.width - 1, self.width + 1, self.width + 300])
        if width != self.width:
            self.bad.append(self.put(["x"] * width))

    def put_long(self):
        self.bad.append(self.put(["x" * 10_001, *[""] * (self.width - 1)]))

    def begin(self):
        self.put([f"h{number}" for number in range(self.width)])
        for _ in range(self.chance.randint(0, 40)):
            self.chance.choices([self.put_good, self.put_ragged, self.put_long], [20, 1, 0.2])[0]()

    def case(self, tail=b"", stops=None):
        bytes = self.text.encode(self.encoding) if self.encoding != "utf-16-be" else (
            b"\xfe\xff" + self.text.encode("utf-16-be"))
        name = {"utf-8-sig": "utf-8", "utf-16-be": "utf-16"}.get(self.encoding, self.encoding)
        return Case(bytes + tail, Dialect(self.separator, '"', name), self.rows, self.lines, self.bad, stops)

    def whole(self):
        self.begin()
        if self.chance.random() < 0.3:                         # the last line has no end
            self.text = self.text.rstrip("\r\n") + "\r\n"[:self.chance.randint(0, 2)]
        return self.case()

    def unclosed(self):
        """A quote that is opened and never closed."""
        self.begin()
        line = self.line
        self.text += '"never' + self.separator + "closed\n" * self.chance.randint(1, 50)
        return self.case(stops=line)

    def misencoded(self):
        """Bytes that the encoding does not know, in some line after others."""
        self.encoding = self.chance.choice([*BROKEN])
        self.begin()
        return self.case(BROKEN[self.encoding] + "a".encode(self.encoding).removeprefix(b"\xff\xfe") * 9, self.line)

    def wide(self):
        """Far more columns than anybody has."""
        self.width = self.chance.choice([201, 500, 20_000])
        self.put(["x"] * self.width)
        return self.case(stops=0)


def case(seed):
    maker = Maker(seed)
    kinds = (maker.whole, maker.unclosed, maker.misencoded, maker.wide)
    return maker.chance.choices(kinds, [20, 2, 2, 0.5])[0]()
