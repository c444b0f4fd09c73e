"""The rows that a source had last time, each as a number, in as little room as millions of them allow."""

import polars as pl

SEED = 20261123


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
