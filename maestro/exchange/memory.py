"""The rows that a source had last time, each as a number, in as little room as millions of them allow."""

import os
from collections import defaultdict
from contextlib import ExitStack
from tempfile import TemporaryFile

import polars as pl

SEED = 20261123
PART = 2**60                     # of the numbers: sixteen parts are put in order one by one
SCHEMA = {"hash": pl.Int64, "member": pl.Int64}


class Twofold(Exception):
    """Two rows are about one person, and one of them would be passed over: the whole source has to be compared."""


class Memory:
    """Rows of last time in the order of their numbers (`hashes`), and whom they are about (`members`)."""

    def __init__(self, hashes=(), members=()):
        self.hashes, self.members = pl.Series(hashes, dtype=pl.Int64), pl.Series(members, dtype=pl.Int64)
        self.met = pl.repeat(0, len(self.hashes), dtype=pl.UInt8, eager=True)

    def find(self, hashes):
        """Whom each row is about, null where it is new. Raises Twofold when a row of last time is met again."""
        if self.hashes.is_empty():
            return pl.repeat(None, len(hashes), dtype=pl.Int64, eager=True)
        places = self.hashes.search_sorted(hashes).clip(upper_bound=len(self.hashes) - 1)
        known = self.hashes.gather(places) == hashes
        met = places.filter(known)
        if met.is_duplicated().any() or self.met.gather(met).sum():
            raise Twofold
        self.met.scatter(met, 1)
        return pl.select(pl.when(known).then(self.members.gather(places))).to_series()


def hashed(cells):
    """A number of 64 bits for each row of a frame, the same in every process with this version of polars."""
    return cells.hash_rows(SEED).reinterpret(signed=True)


def write(path, pages):
    """Keep frames of `SCHEMA` in the order of their numbers, in some files beside `path`: a sort of all takes room."""
    with ExitStack() as stack:
        parts = defaultdict(lambda: stack.enter_context(TemporaryFile(dir=path.parent)))
        for rows in pages:
            for (part,), found in rows.group_by(pl.col("hash") // PART):
                found.write_csv(parts[part], include_header=False)
        for number, part in enumerate(sorted(parts)):
            parts[part].seek(0)
            save(path.with_name(f"{path.name}{number:02}"), pl.read_csv(parts[part], has_header=False, schema=SCHEMA))


def save(path, rows):
    fresh = path.with_suffix(".new")
    with open(fresh, "wb") as file:
        rows.sort("hash").write_ipc(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def read(paths, touched):
    """The memory in such files, without those of whom something was heard since. Some of the files do no harm.

    Raises Twofold when two rows have one number.
    """
    heard, columns = pl.Series(touched, dtype=pl.Int64).implode(), [[], []]
    for path in paths:
        rows = pl.read_ipc(path).filter(~pl.col("member").is_in(heard))
        for column, kept in zip(rows, columns, strict=True):
            kept.append(column)
    found = Memory(*(pl.concat(columns.pop(0), rechunk=True) for _ in SCHEMA))      # one is let go before the next
    if (found.hashes == found.hashes.shift(1)).any():
        raise Twofold
    return found
