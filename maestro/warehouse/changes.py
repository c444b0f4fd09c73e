"""The subscriber activity change log: rows written with each change, and read in the order of their publication.

Format and codes: L-Soft's "Using the Subscriber Activity Change Log"; all codes but DEL are ours.
"""

import csv
import io
import json

from flask import current_app
from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.folding import folded
from maestro.models import Change


def record(code, level, dataset_id, list_id, member, cause, by=None, changes=None, old_address=None, run_id=None,
           ip=None):
    """Write one change of `member` (a row with id and address) into the log, in the transaction of the change."""
    db.session.execute(insert(Change).values(
        created_at=clock.now(), code=code, level=level, dataset_id=dataset_id, list_id=list_id, member_id=member["id"],
        address=member["address"], old_address=old_address, cause=cause, run_id=run_id, ip=ip,
        changes=json.dumps(changes, ensure_ascii=False) if changes else None, actor=actor(by)))


def actor(by):
    """Who did it, as the log names them: a user's address, or the word that was handed in."""
    return getattr(by, "email", by)


def entries(since=0, dataset_id=None, list_id=None, code=None, datasets=None, address="", first=None, last=None):
    """A select of published entries after number `since`, in order, narrowed by what is given.

    `datasets`: only of those with these ids. `address`: only about it, as the old or the new one.
    """
    wanted = {Change.dataset_id: dataset_id, Change.list_id: list_id, Change.code: code}
    found = select(Change).where(Change.seq > since).order_by(Change.seq)
    for column, value in wanted.items():
        found = found.where(column == value) if value is not None else found
    found = found.where(Change.dataset_id.in_(datasets)) if datasets is not None else found
    found = found.where(about(address)) if address else found
    found = found.where(Change.created_at >= first) if first else found
    return found.where(Change.created_at < last) if last else found


def about(address):
    """That an entry is about an address, whatever its letters' size."""
    return or_(*(folded(column) == address.lower() for column in (Change.address, Change.old_address)))


def latest_first(found):
    return found.order_by(None).order_by(Change.seq.desc())


def stream(found, size=2000):
    """The rows of `found`, a select of entries, fetched in batches, so that nothing waits for a long download."""
    last = 0
    while batch := read(found.where(Change.seq > last).limit(size)):
        yield from batch
        last = batch[-1].seq


def read(found):
    """The rows of a select of entries, plain: millions of them are no objects of the session."""
    with reading(), Session(db.engine) as session:
        return session.execute(found.with_only_columns(*Change.__table__.columns)).all()


def numbered(which):
    """A select of the first number given or the last (`which`: func.min, func.max); null where there is none.

    That it is one has to be said: SQLite takes an index of some rows only where the question names them.
    """
    return select(which(Change.seq)).where(Change.seq.is_not(None))


def oldest_left(since):
    """The number of the oldest entry that is kept, when older ones after `since` are gone by now; else None."""
    with reading(), Session(db.engine) as session:
        oldest = session.scalar(numbered(func.min))
    return oldest if oldest and oldest > since + 1 else None


def history(dataset_id, member_id, limit=100, offset=0):
    """What happened to one person, latest first."""
    mine = of_person(dataset_id, member_id).order_by(Change.id.desc())
    return db.session.scalars(mine.offset(offset).limit(limit)).all()


def of_person(dataset_id, member_id):
    """A select of everything that happened to one person."""
    return select(Change).where(Change.dataset_id == dataset_id, Change.member_id == member_id)


def line(entry, zone):
    """The published text form of one entry, without the line's end."""
    at = clock.local(entry.created_at, zone)
    place = f"{entry.dataset_id} {entry.list_id}" if entry.level == "L" else str(entry.dataset_id)
    addresses = [address.upper() for address in (entry.old_address, entry.address) if address]
    return " ".join([f"{at:%Y-%m-%d %H:%M:%S}", entry.code, entry.level, place, *addresses, *filter(None, [entry.ip])])


def fields(entry):
    """One entry as the JSON lines form shows it."""
    return {
        "seq": entry.seq, "time": entry.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "code": entry.code, "level": entry.level, "dataset_id": entry.dataset_id, "list_id": entry.list_id,
        "address": entry.address, "old_address": entry.old_address,
        "changes": json.loads(entry.changes) if entry.changes else {}, "cause": entry.cause, "actor": entry.actor,
        "run": entry.run_id, "ip": entry.ip}


def written(found, form, zone):
    """The entries of a select as text, csv or jsonl."""
    return formed(stream(found), form, zone)


def formed(entries, form, zone):
    """Pieces of text, one an entry (and the header of the csv)."""
    if form == "csv":
        yield ",".join(COLUMNS) + "\r\n"
    for entry in entries:
        yield FORMS[form](entry, zone)


def as_text(entry, zone):
    return line(entry, zone) + "\n"


def as_csv(entry, zone):
    values = fields(entry) | {"changes": entry.changes}
    row = io.StringIO()
    csv.writer(row).writerow(["" if values[name] is None else values[name] for name in COLUMNS])
    return row.getvalue()


def as_json(entry, zone):
    return json.dumps(fields(entry), ensure_ascii=False) + "\n"


COLUMNS = ("seq", "time", "code", "level", "dataset_id", "list_id", "address", "old_address", "changes", "cause",
           "actor", "run", "ip")
FORMS = {"text": as_text, "csv": as_csv, "jsonl": as_json}


def folder():
    return current_app.extensions["maestro"].DATA / "changelog"
