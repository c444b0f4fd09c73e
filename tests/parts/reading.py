"""What comes of a made-up file when it is read: everything as it has to be, or an assertion that says what is not."""

import re

from maestro.lib.errors import Refused
from maestro.lib.tabular import text
from maestro.lib.tabular.read import guess, open_table
from tests.parts.malformed import case

GATHER = (1, 50, 1000, 1 << 22)                    # bytes that are parsed at once: rows are cut at other places


def read(path, dialect=None):
    """(columns, rows as tuples of text, line numbers, bad rows)"""
    table = open_table(path, dialect or guess(path))
    rows, lines, bad = [], [], []
    for batch in table.batches():
        rows += batch.frame.drop("line").fill_null("").rows()
        lines += batch.frame["line"].to_list()
        bad += batch.bad
    return table.columns, rows, lines, bad


def verify(seed, path, monkeypatch):
    """Read one made-up file; says whether it was refused."""
    monkeypatch.setattr(text, "GATHER", GATHER[seed % len(GATHER)])
    made = case(seed)
    path.write_bytes(made.content)
    try:
        _, rows, lines, bad = read(path, made.dialect)
    except Refused as refusal:
        named = re.match(r"Line ([\d,]+) ", refusal.sentence)
        assert made.stops == (int(named[1].replace(",", "")) if named else 0), (seed, refusal.sentence)
        assert named or "columns" in refusal.sentence, (seed, refusal.sentence)
        guess(path)                                            # whatever it says, it says something
        return True
    assert made.stops is None, f"{seed} is read to its end, and should stop at line {made.stops}"
    assert [row.line for row in bad] == made.bad and all(row.reason for row in bad), seed
    assert (rows, lines) == (made.rows, made.lines), seed
    return False
