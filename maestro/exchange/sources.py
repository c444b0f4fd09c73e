"""Files that imports read, kept under a random name: what a user calls a file never becomes a part of a path."""

import re
import secrets
import shutil
from pathlib import Path

from flask import current_app

from maestro.lib.errors import Refused
from maestro.lib.tabular.limits import UPLOAD

KEY = re.compile(r"[0-9a-f]{32}")
PIECE = 1 << 20


def folder():
    found = current_app.extensions["maestro"].files / "imports"
    found.mkdir(parents=True, exist_ok=True)
    return found


def path(key, ending=""):
    """Where the file stored as `key` lies, or (with `ending`) a file of ours that belongs to it."""
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a stored file.")
    return folder() / f"{key}{ending}"


def store(stream, limit=UPLOAD):
    """Keep an upload, a stream of bytes, up to `limit` bytes. Returns its key."""
    key = new_key()
    with open(path(key), "xb") as file:
        while piece := stream.read(PIECE):
            file.write(piece)
            if file.tell() > limit:
                break
    if path(key).stat().st_size > limit:
        forget(key)
        most = f"{limit // 1_000_000} MB"
        raise Refused(f"This file is larger than {most}. Compress it (gzip) or import it in parts.", "file")
    return key


def take(file):
    """Keep a copy of a file of this machine, of any size: it may change while the import runs."""
    key = new_key()
    shutil.copyfile(file, path(key))
    return key


def new_key():
    """A key under which nothing is stored yet."""
    return secrets.token_hex(16)


def on_server(name):
    """The file called `name` below one of the folders that the administrator has opened."""
    for folder in current_app.extensions["maestro"].IMPORT_DIR:
        found = (Path(folder).resolve() / name).resolve()
        if found.is_relative_to(Path(folder).resolve()) and found.is_file():
            return found
    raise Refused(f"There is no file “{name}” in the folders that are open for imports (MAESTRO_IMPORT_DIR).", "path")


def forget(key):
    """Remove a stored file and everything of ours that belongs to it."""
    if key:
        for found in folder().glob(f"{path(key).name}*"):
            found.unlink(missing_ok=True)
