"""What a sender knows of a job and of each recipient, free of the database session."""

from datetime import date
from typing import NamedTuple

READ = {                                           # what PostgreSQL's text says, by the type of the field
    "number": float, "date": date.fromisoformat, "yesno": lambda text: text == "t",
}
STORED = {                                         # what SQLite's values mean
    "number": float, "date": date.fromisoformat, "yesno": bool,
}
SYSTEM = ("number", "attempt", "address", "member_id", "subscription_id", "epoch")


class Order(NamedTuple):
    """One job as a sender sees it."""

    job: int
    group: int
    dataset: int
    list: int | None
    fields: dict                                   # name: type of the profile columns that the message needs

    @classmethod
    def of(cls, job, recipients):
        return cls(job.id, job.group_id, job.dataset_id or job.list.dataset_id, job.list_id, dict(recipients.fields))


class Claim(NamedTuple):
    """A chunk that is ours, and those of its recipients who are due."""

    number: int
    fence: int
    low: int                                       # first and last recipient's number
    high: int
    rows: list                                     # of mappings: SYSTEM and the order's fields


class Result(NamedTuple):
    """What a slice brought about."""

    sent: int = 0
    rejected: int = 0
    deferred: int = 0
    unknown: int = 0
    left: int = 0                                  # recipients of whom something is still to come
    next_at: float | None = None                   # when the first of them is due, in seconds since 1970
    problem: str = ""                              # why the job should pause; "" when nothing is wrong
    trouble: str = ""                              # what will pass by itself: the server or the database is away


def texts_to_row(texts, fields):
    """A row of READ from PostgreSQL's text form (None: empty)."""
    number, attempt, address, member, subscription, epoch, *values = texts
    row = {"number": int(number), "attempt": int(attempt), "address": address, "member_id": int(member),
           "subscription_id": subscription and int(subscription), "epoch": int(epoch or 0)}
    for (name, type), text in zip(fields.items(), values, strict=True):
        row[name] = text if text is None or type not in READ else READ[type](text)
    return row


def values_to_row(values, fields):
    """A row of READ as SQLite gives it."""
    row = dict(zip((*SYSTEM, *fields), values, strict=True))
    row["epoch"] = row["epoch"] or 0
    for name, type in fields.items():
        if row[name] is not None and type in STORED:
            row[name] = STORED[type](row[name])
    return row
