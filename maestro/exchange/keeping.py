"""The files in which a memory lies between two runs, whole or not at all."""

import io
import os
from collections import defaultdict
from contextlib import ExitStack
from hashlib import sha256
from struct import Struct
from tempfile import TemporaryFile

import polars as pl

from maestro.exchange.memory import Memory, Twofold

PART = 2**60                     # of the numbers: sixteen parts are put in order one by one
SCHEMA = {"hash": pl.Int64, "member": pl.Int64}
SUM, HEAD = 32, Struct("<QQ")    # a file: the checksum of what follows, its rows and the greatest member, then the rows


class Damaged(Exception):
    """A file is not what was written. polars is not asked: of some bytes it dies."""


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
    fresh, content = path.with_suffix(".new"), io.BytesIO()
    content.write(HEAD.pack(rows.height, rows["member"].max()))
    rows.sort("hash").write_ipc(content)
    with open(fresh, "wb") as file:
        file.write(sha256(content.getbuffer()).digest())
        file.write(content.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def content(path):
    """What stands in a file after its checksum."""
    found = path.read_bytes()
    if sha256(found[SUM:]).digest() != found[:SUM]:
        raise Damaged(path)
    return found[SUM:]


def read(paths, touched):
    """The memory in such files, without those of whom something was heard.

    Raises Twofold when two rows have one number, and Damaged.
    """
    heard, height = pl.Series(touched, dtype=pl.Int64).implode(), 0
    heads = [HEAD.unpack_from(content(path)) for path in paths]
    types = {"hash": pl.Int64, "member": pl.Int64 if max(last for _, last in heads) >= 2**32 else pl.UInt32}
    found = {name: pl.repeat(0, sum(rows for rows, _ in heads), dtype=type, eager=True) for name, type in types.items()}
    for path in paths:
        rows = pl.read_ipc(content(path)[HEAD.size:]).filter(~pl.col("member").is_in(heard)).cast(types)
        if (rows["hash"] == rows["hash"].shift(1)).any():
            raise Twofold
        places = pl.int_range(height, height + rows.height, dtype=pl.UInt32, eager=True)
        for name, kept in found.items():
            kept.scatter(places, rows[name])       # into what lies there already: joined parts take twice the room
        height += rows.height
    return Memory(*(kept[:height] for kept in found.values()))
