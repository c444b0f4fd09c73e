"""What the two databases share whose drivers are extras: found at run time, and used as PEP 249 has it."""

import importlib
from contextlib import contextmanager, suppress

from maestro.lib.errors import Refused


def driver(module, server, install):
    """The driver's module, or what to do about it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Refused(f"The driver for {server} is not installed: pip install {install}.", "kind") from None


@contextmanager
def undone(connection):
    """Roll back whatever was not committed, and close."""
    try:
        yield connection
    finally:
        with suppress(Exception):
            connection.rollback()
        connection.close()


def execute(connection, statement, values):
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return cursor.rowcount


def look_up(connection, statement, values):
    """The first row as a mapping by the names of its columns in small letters, or None."""
    cursor = connection.cursor()
    cursor.execute(statement, values)
    row = cursor.fetchone()
    return row and dict(zip([column[0].lower() for column in cursor.description], row, strict=True))
