"""SQLite has one writer at a time. The threads of a process take turns, in place of asking again and again.

SQLite itself lets who waits sleep, 100 ms in the end, and then try its luck: of eight threads some waited seconds.
"""

import sqlite3
from functools import partial
from threading import Lock

SECONDS = 5                                        # in the queue; after them SQLite decides, and says if it is locked


class Connection(sqlite3.Connection):
    """A connection whose writing transactions begin with `queue`; their end, however it comes, lets the next one in."""

    def __init__(self, turn, *given, **named):
        super().__init__(*given, **named)
        self.turn, self.mine = turn, False

    def queue(self):
        """Wait until no other thread of this process writes."""
        self.mine = self.mine or self.turn.acquire(timeout=SECONDS)

    def leave(self):
        if self.mine:
            self.mine = False
            self.turn.release()

    def commit(self):
        super().commit()
        self.leave()

    def rollback(self):
        try:
            super().rollback()
        finally:
            self.leave()

    def close(self):
        try:
            super().close()
        finally:
            self.leave()


def connections():
    """What makes the connections of one engine."""
    return partial(Connection, Lock())
