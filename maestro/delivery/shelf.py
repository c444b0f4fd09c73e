"""Files that only grow, in which finished messages lie compressed one after the other. Their index is in SQL."""

import fcntl
import os
import zlib
from contextlib import contextmanager
from pathlib import Path

LEVEL = 6                                          # of zlib
LARGEST = 200_000_000                              # bytes that a message may have when it is read again


def append(folder, name, messages):
    """Add messages to a file, safe on the disk before this returns. [(offset, length)] of each.

    What a crash leaves behind the last indexed message is never read.
    """
    packed = [zlib.compress(message, LEVEL) for message in messages]
    with locked(folder, name) as file:
        place = os.lseek(file, 0, os.SEEK_END)
        write_all(file, b"".join(packed))
        os.fsync(file)
    places = []
    for piece in packed:
        places.append((place, len(piece)))
        place += len(piece)
    return places


def write_all(file, data):
    left = memoryview(data)
    while left:
        left = left[os.write(file, left):]


@contextmanager
def locked(folder, name):
    """The file, made when it is new, for us alone."""
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_nlink:            # not taken away while we waited
                yield file
                return
        finally:
            os.close(file)


def blank(folder, name, offset, length):
    """Overwrite one message with zeros, for good."""
    with open(folder / Path(name).name, "r+b") as file:
        file.seek(offset)
        file.write(bytes(length))
        file.flush()
        os.fsync(file.fileno())


def read(folder, name, offset, length):
    """One message."""
    with open(folder / Path(name).name, "rb") as file:
        file.seek(offset)
        return zlib.decompressobj().decompress(file.read(length), LARGEST)


def names(folder):
    return sorted(path.name for path in folder.glob("*.z"))


def remove(folder, name, is_unused):
    """Take a file away, if `is_unused()` still holds while nobody can add to it."""
    with locked(folder, name):
        if is_unused():
            os.unlink(folder / name)
