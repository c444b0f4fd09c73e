import sqlite3
import threading

import pytest

from maestro.lib import turns


@pytest.fixture
def pair(tmp_path):
    """Two connections to one database that take turns, and may be used by any thread."""
    make = turns.connections()
    found = [sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False, factory=make)
             for _ in range(2)]
    found[0].execute("CREATE TABLE told (word TEXT)")
    yield found
    for connection in found:
        connection.close()


def write(connection, word):
    connection.queue()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO told VALUES (?)", [word])


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_who_waits_gets_in_when_the_other_has_ended(pair, end):
    one, other = pair
    other.execute("PRAGMA busy_timeout = 0")                # SQLite itself would not let it wait
    write(one, "first")
    waiting = threading.Thread(target=lambda: (write(other, "second"), other.commit()))
    waiting.start()
    getattr(one, end)()
    waiting.join()
    words = [word for word, in other.execute("SELECT word FROM told")]
    assert words == (["first", "second"] if end == "commit" else ["second"])
    assert not one.turn.locked()


def test_whoever_asks_twice_waits_for_nobody(pair):
    one, other = pair
    one.queue()
    write(one, "first")
    one.commit()
    write(other, "second")
    other.commit()


def test_connections_that_only_read_wait_for_nobody(pair):
    one, other = pair
    write(one, "first")
    assert other.execute("SELECT count(*) FROM told").fetchone() == (0,)


def test_after_a_while_sqlite_is_asked_and_says_who_is_locked(pair, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS", 0.01)
    one, other = pair
    other.execute("PRAGMA busy_timeout = 0")
    write(one, "first")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        write(other, "second")
    other.rollback()
    assert one.turn.locked()                                # it gave back nothing that was not its own
