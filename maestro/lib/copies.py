"""Copies of an SQLite database, made while it is in use."""

import os
import sqlite3
from contextlib import closing

from maestro.lib.errors import NotNow


def keep(database, folder, name, count):
    """Copy the file `database` to `folder`/`name`; of all copies the last `count` by name stay there."""
    begun = folder / "unfinished"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        begun.touch(mode=0o600)
        copy(database, begun)
        begun.rename(folder / name)
        remember(folder)
    except (OSError, sqlite3.Error) as problem:
        if begun.exists():
            begun.unlink()
        raise NotNow(f"The database cannot be copied to {folder}: {problem}.") from None
    for old in sorted(folder.glob("*.db"))[:-count]:
        old.unlink()


def copy(database, target):
    """Copy and look whether the copy is whole. SQLite has it safe on the disk before this returns."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")              # one file, without a log of its own beside it
        [[found], *_] = made.execute("PRAGMA integrity_check")
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def remember(folder):
    """Have the names in `folder` safe on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)
