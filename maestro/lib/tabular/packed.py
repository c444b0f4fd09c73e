"""The bytes of a file, whether it lies there plain, gzipped, or as the only file of a zip archive."""

import gzip
import zipfile
import zlib

from maestro.lib.errors import Refused
from maestro.lib.tabular.limits import check_growth

PIECE = 1 << 20
DAMAGED = (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


def magic(path):
    with open(path, "rb") as file:
        return file.read(4)


def is_zip(path):
    return magic(path) == b"PK\x03\x04"


def pieces(path):
    """The content in pieces of a megabyte. Nothing is ever unpacked to the disk."""
    try:
        with open_plain(path) as file:
            yield from limited(file, path.stat().st_size if compressed(path) else None)
    except DAMAGED as problem:
        raise Refused("This compressed file is damaged or in a format that cannot be read.", "file") from problem


def compressed(path):
    return is_zip(path) or magic(path)[:2] == b"\x1f\x8b"


def open_plain(path):
    if magic(path)[:2] == b"\x1f\x8b":
        return gzip.open(path)
    if is_zip(path):
        return only_entry(zipfile.ZipFile(path))
    return open(path, "rb")


def only_entry(archive):
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) != 1:
        raise Refused(f"This archive holds {len(entries)} files. Upload an archive with exactly one.", "file")
    return archive.open(entries[0])


def limited(file, packed):
    unpacked = 0
    while piece := file.read(PIECE):
        unpacked += len(piece)
        if packed is not None:
            check_growth(packed, unpacked)
        yield piece
