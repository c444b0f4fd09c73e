"""Safe mode: every finished message is kept on this machine instead of being sent, and can be read like mail."""

import json
from typing import NamedTuple

from flask import current_app
from sqlalchemy import delete, func, or_, select

from maestro.delivery import shelf
from maestro.delivery.safe import deliver_slice  # noqa: F401 - what is in the Outbox comes in here
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.mails import Mail
from maestro.models import OutboxMessage

MOST = 500                                         # messages exported in one reading of the index


class Page(NamedTuple):
    """One page of the Outbox, newest first."""

    rows: list
    number: int
    pages: int
    total: int


def folder():
    return current_app.extensions["maestro"].files / "outbox"


def keep(group_id, address, subject, raw, job_id=None, recipient=None):
    """Keep one finished message."""
    file = f"job-{job_id}.z" if job_id else f"single-{clock.now():%Y-%m}.z"
    [(offset, length)] = shelf.append(folder(), file, [raw])
    message = OutboxMessage(group_id=group_id, job_id=job_id, recipient=recipient, address=address,
                            subject=subject[:250], file=file, offset=offset, length=length)
    db.session.add(message)
    db.session.flush()
    return message


def read(message):
    """The bytes of a message, as they would have been sent."""
    return shelf.read(folder(), message.file, message.offset, message.length)


def page(group_id, job_id=None, search="", number=1, size=50):
    """The messages of a group, or of one of its jobs, whose address or subject has `search` in it."""
    chosen = [OutboxMessage.group_id == group_id]
    if job_id:
        chosen.append(OutboxMessage.job_id == job_id)
    if search.strip():
        word = search.strip()
        chosen.append(or_(OutboxMessage.address.icontains(word, autoescape=True),
                          OutboxMessage.subject.icontains(word, autoescape=True)))
    total = db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*chosen))
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = db.session.scalars(select(OutboxMessage).where(*chosen).order_by(OutboxMessage.id.desc())
                              .offset((number - 1) * size).limit(size)).all()
    return Page(rows, number, pages, total)


def export(job_id, folder):
    """Write each message of a job as a file, and index.jsonl beside them. Returns how many."""
    total = 0
    with open(folder / "index.jsonl", "w", encoding="utf-8") as index:
        for message in of_job(job_id):
            name = f"{message.recipient or message.id:08}.eml"
            (folder / name).write_bytes(read(message))
            line = {"address": message.address, "recipient": message.recipient, "subject": message.subject,
                    "file": name}
            index.write(json.dumps(line, ensure_ascii=False) + "\n")
            total += 1
    return total


def of_job(job_id):
    """The messages of a job, read in portions."""
    last = 0
    while rows := db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.job_id == job_id, OutboxMessage.id > last)
            .order_by(OutboxMessage.id).limit(MOST)).all():
        yield from rows
        last = rows[-1].id
        db.session.expunge_all()


def clear(group_id, job_id=None):
    """Throw a group's messages away, or those of one job. Returns how many; `tidy` frees the space."""
    gone = delete(OutboxMessage).where(OutboxMessage.group_id == group_id)
    if job_id:
        gone = gone.where(OutboxMessage.job_id == job_id)
    return db.session.execute(gone.execution_options(synchronize_session=False)).rowcount


def erase(group_id, keys):
    """Overwrite and forget every kept message of a group that went to one of these addresses, or tells of one."""
    marks = [key.encode() for key in keys]
    kept = select(OutboxMessage).where(OutboxMessage.group_id == group_id)
    to_them = func.lower(OutboxMessage.address).in_(keys)
    for message in db.session.scalars(kept.where(or_(to_them, OutboxMessage.job_id.is_(None)))).all():
        if message.address.lower() in keys or tells_of(message, marks):
            shelf.blank(folder(), message.file, message.offset, message.length)
            db.session.delete(message)
    db.session.flush()


def tells_of(message, marks):
    """Whether one of these addresses stands in a single message, such as a test delivery with somebody's values."""
    raw = read(message)
    mail = Mail(raw)
    shown = b"\n".join([raw, mail.text.encode(), mail.html.encode()]).lower()
    return any(mark in shown for mark in marks)


def tidy():
    """Take files away in which no message is listed, an hour after they were last written to."""
    for name in shelf.names(folder()):
        if clock.now().timestamp() - (folder() / name).stat().st_mtime > 3600 and is_unused(name):
            shelf.remove(folder(), name, lambda name=name: is_unused(name))
    db.session.rollback()


def is_unused(name):
    return not db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.file == name).limit(1))
