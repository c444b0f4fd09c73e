"""A file of SQLite below a folder that the administrator has opened."""

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from maestro.lib import clock
from maestro.lib.errors import Forbidden, NotFound, Refused
from maestro.lib.foreign.place import Rights
from maestro.lib.foreign.texts import decoded

PORT, MARK = 0, ":{}"
Error = sqlite3.Error
READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
WRITES = READS | {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_TRANSACTION,
                  sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_REINDEX}
SHUT = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "randomblob", "zeroblob"}
LARGEST = 50_000_000             # bytes of one value
STEPS = 10_000                   # of SQLite's machine between two looks at the clock


@contextmanager
def opened(place, seconds, writing=False):
    """A connection that may do nothing but read (or change rows), and whose work takes at most `seconds`."""
    mode = "rw" if writing else "ro"
    uri = f"file:{quote(str(file_of(place)))}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=10)
    ends = clock.monotonic() + seconds
    connection.text_factory = decoded
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_authorizer(lambda what, first, second, *_: judge(what, second, WRITES if writing else READS))
        connection.set_progress_handler(lambda: clock.monotonic() > ends, STEPS)
        yield connection
    finally:
        connection.close()


def judge(what, function, allowed):
    shut = what == sqlite3.SQLITE_FUNCTION and (function or "").lower() in SHUT
    return sqlite3.SQLITE_OK if what in allowed and not shut else sqlite3.SQLITE_DENY


def file_of(place):
    """The file, if it lies below an open folder and is not ours."""
    folders = [Path(folder).resolve() for folder in place.folders]
    if not folders:
        raise Forbidden("An administrator first names folders with MAESTRO_IMPORT_DIR.", "database")
    path = next((found for folder in folders if (found := (folder / place.database).resolve()).is_relative_to(folder)
                 and found.is_file()), None)
    if path is None:
        raise NotFound("There is no such file in the folders that are open for imports.", "database")
    if str(path) in place.own:
        raise Refused("This is Maestro's own database.", "database")
    return path


def ask(connection, query):
    """(columns, types, cursor) of a query. SQLite has no types of columns, only of values."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return names, [""] * len(names), cursor


def execute(connection, statement, values):
    return connection.execute(statement, values).rowcount


def look_up(connection, statement, values):
    cursor = connection.execute(statement, values)
    row = cursor.fetchone()
    return row and dict(zip([column[0] for column in cursor.description], row, strict=True))


def rights(connection):
    return Rights(f"SQLite {sqlite3.sqlite_version}, opened to be read only", [], [])


def stop(place, connection):
    """End the statement that another thread waits for."""
    connection.interrupt()


def is_ours(place, connection):
    names = "SELECT count(*) FROM sqlite_master WHERE name IN ('import_run', 'hosted_list', 'audit_entry')"
    return connection.execute(names).fetchone()[0] == 3


def refuse_unsafe(place, connection):
    """A file is not reached over a network."""
