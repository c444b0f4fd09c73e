"""The one publisher of the change log: numbers rows after their commit, and appends the daily files.

A crash between the steps loses no line and doubles none: `ChangeFile.size` says how much of a file is known to
be whole, and numbers above `published_to` are written again after cutting the file back to there.
"""

import fcntl
import os
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby

from sqlalchemy import case, func, select, text, update
from sqlalchemy.orm import Session

from maestro.extensions import db
from maestro.lib import clock, crash
from maestro.models import Change, ChangeFile
from maestro.warehouse import changes

BATCH = 20_000                                     # rows numbered, and appended, in one transaction
MARK = "published-to"                              # the ChangeFile row that counts numbers, not bytes


@contextmanager
def sole_publisher():
    """Hold the publisher's lock of this data folder; numbering is safe without it, the files are not."""
    changes.folder().mkdir(parents=True, exist_ok=True)
    with open(changes.folder() / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def publish(zone):
    """Number and append everything committed so far, in a session of its own; returns how many entries were new."""
    with sole_publisher(), Session(db.engine) as session:
        total = 0
        append(session, zone)
        while count := number(session):
            append(session, zone)
            total += count
        return total


def is_due():
    """Whether anything waits to be numbered or appended.

    Asked every second. In order, or PostgreSQL goes through millions of entries, sure to meet one of these soon.
    """
    known = select(func.coalesce(func.max(ChangeFile.size), 0)).where(ChangeFile.name == MARK)
    waiting = select(Change.id).where(Change.seq.is_(None)).order_by(Change.id).limit(1)
    behind = select(Change.id).where(Change.seq > known.scalar_subquery()).order_by(Change.seq).limit(1)
    return any(db.session.scalar(found) is not None for found in (waiting, behind))


def number(session):
    """Give the next numbers to committed rows, in the order of their ids; returns how many."""
    lock(session)
    last = session.scalar(changes.numbered(func.max)) or 0
    waiting = (select(Change.id, (last + func.row_number().over(order_by=Change.id)).label("seq"))
               .where(Change.seq.is_(None)).order_by(Change.id).limit(BATCH).subquery())
    done = session.execute(
        update(Change).where(Change.id == waiting.c.id).values(seq=waiting.c.seq)
        .execution_options(synchronize_session=False)).rowcount
    session.commit()
    crash.point("changes_numbered")
    return done


def lock(session):
    """On PostgreSQL several hosts may publish: one numbers at a time."""
    if db.engine.dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7262832)"))


def append(session, zone):
    """Write numbered entries that no file has yet."""
    mark = state(session, MARK)
    while batch := session.execute(told_since(mark.size)).all():
        for day, entries in groupby(batch, key=lambda entry: clock.local(entry.created_at, zone).date()):
            write(session, f"{day}.log", "".join(changes.line(entry, zone) + "\n" for entry in entries))
        mark.size = batch[-1].seq
        crash.point("changes_appended")
        session.commit()


def told_since(number):
    """The next entries, with what their lines tell."""
    told = (Change.seq, Change.created_at, Change.code, Change.level, Change.dataset_id, Change.list_id, Change.address,
            Change.old_address, Change.ip)
    return changes.entries(since=number).with_only_columns(*told).limit(BATCH)


def write(session, name, lines):
    """Append `lines` to the day's file where its last whole line ends."""
    known, data = state(session, name), lines.encode()
    with open(changes.folder() / name, "ab") as file:
        known.size = min(known.size, file.tell())          # somebody may have taken the file away
        file.truncate(known.size)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    known.size += len(data)


def state(session, name):
    found = session.scalar(select(ChangeFile).where(ChangeFile.name == name))
    if not found:
        found = ChangeFile(name=name, size=0)
        session.add(found)
        session.flush()
    return found


def blank(found, instead):
    """Blank entries (a condition on Change) in the table, and their addresses in the files; `instead` stands there."""
    with sole_publisher(), Session(db.engine) as session:
        lock(session)
        told = session.execute(select(Change.address, Change.old_address).where(found)).all()
        session.execute(update(Change).where(found).values(
            address=instead, old_address=case((Change.old_address.is_not(None), instead), else_=None), changes=None,
            ip=None, member_id=0).execution_options(synchronize_session=False))
        names = {address.upper() for pair in told for address in pair if address}
        for file in sorted(changes.folder().glob("????-??-??.log")) if names else ():
            blank_file(session, file, names, instead)
        session.commit()


def blank_file(session, file, names, instead):
    """Write a day's file anew without these addresses, never longer than it was: a crash then cuts nothing off."""
    lines = file.read_text().splitlines(keepends=True)
    blanked = "".join(without(line, names, instead) for line in lines)
    if blanked != "".join(lines):
        fresh = file.with_suffix(".new")
        with open(fresh, "w") as written:
            written.write(blanked)
            written.flush()
            os.fsync(written.fileno())
        os.replace(fresh, file)
        state(session, file.name).size = len(blanked.encode())


def without(line, names, instead):
    """A line whose addresses are replaced, and whose IP is gone, when it is about one of `names`."""
    words = line.rstrip("\n").split(" ")
    if names.isdisjoint(words):
        return line
    return " ".join(instead[:len(word)] if "@" in word else word for word in words if not is_ip(word, words)) + "\n"


def is_ip(word, words):
    return word is words[-1] and "@" not in word


def tidy(zone, days):
    """Take away daily files that are older than `days`; 0 keeps all. The table keeps its entries."""
    if not days:
        return
    first = clock.today(zone) - timedelta(days=days)
    for file in changes.folder().glob("????-??-??.log"):
        if file.stem < str(first):
            file.unlink(missing_ok=True)
