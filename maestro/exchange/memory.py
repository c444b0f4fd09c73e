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
        self.hashes, self.members = pl.Series(hashes, dtype=pl.Int64), pl.Series(members)
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
        return pl.select(pl.when(known).then(self.members.gather(places).cast(pl.Int64))).to_series()


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
    """The memory in such files, without those of whom something was heard. Twofold when two rows have one number."""
    heard, height = pl.Series(touched, dtype=pl.Int64).implode(), 0
    most, last = pl.scan_ipc(paths).select(pl.len(), pl.col("member").max()).collect().row(0)
    types = {"hash": pl.Int64, "member": pl.Int64 if last >= 2**32 else pl.UInt32}
    found = {name: pl.repeat(0, most, dtype=type, eager=True) for name, type in types.items()}
    for path in paths:
        rows = pl.read_ipc(path).filter(~pl.col("member").is_in(heard)).cast(types)
        if (rows["hash"] == rows["hash"].shift(1)).any():
            raise Twofold
        places = pl.int_range(height, height + rows.height, dtype=pl.UInt32, eager=True)
        for name, kept in found.items():
            kept.scatter(places, rows[name])       # into what lies there already: joined parts take twice the room
        height += rows.height
    return Memory(*(kept[:height] for kept in found.values()))
