"""The other database of a write-back: how one speaks with it, and our cursor in it."""

from contextlib import contextmanager, suppress

from maestro.lib.errors import NotNow
from maestro.lib.foreign import reading as foreign

TABLE = "CREATE TABLE maestro_cursor (writeback INTEGER NOT NULL PRIMARY KEY, seq BIGINT NOT NULL)"


class Busy(Exception):
    """Another process is at work on a write-back, or has died over it a moment ago."""


class Side:
    """A connection to it. `before` is called before each statement."""

    def __init__(self, place, driver, connection, before=lambda: None):
        self.place, self.driver, self.connection, self.before = place, driver, connection, before

    def execute(self, statement, values):
        self.before()
        return self.driver.execute(self.connection, foreign.prepared(self.place, statement), values)

    def look_up(self, statement, values):
        self.before()
        return self.driver.look_up(self.connection, foreign.prepared(self.place, statement), values)


def find_cursor(writeback, side):
    """Where the other side says that we are; our own number where it cannot keep one."""
    if not writeback.foreign_cursor:
        return writeback.cursor
    with told(side):
        with suppress(side.driver.Error):
            side.execute(TABLE, {})                # there already, mostly
            side.connection.commit()
        side.connection.rollback()
        key = {"writeback": writeback.id}
        row = side.look_up("SELECT seq FROM maestro_cursor WHERE writeback = :writeback", key)
        if row is None:
            side.execute("INSERT INTO maestro_cursor (writeback, seq) VALUES (:writeback, :seq)",
                         {**key, "seq": writeback.cursor})
            side.connection.commit()
        return int(next(iter(row.values()))) if row else writeback.cursor


@contextmanager
def told(side):
    """What goes wrong with our cursor over there, in words that help."""
    try:
        yield
    except side.driver.Error as problem:
        raise NotNow("The table maestro_cursor can neither be found nor made there. Create it, or do not keep the "
                     f"cursor over there. {foreign.said(side.place, problem)}") from None


def move_cursor(writeback, side, old, new):
    """Begin a batch: its row is ours until the end of the transaction. Busy when another process was here meanwhile."""
    if writeback.foreign_cursor and side.execute(
            "UPDATE maestro_cursor SET seq = :new WHERE writeback = :writeback AND seq = :old",
            {"new": new, "old": old, "writeback": writeback.id}) != 1:
        raise Busy
