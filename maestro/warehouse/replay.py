"""Erasures after a backup was put back: the database has forgotten them, a file of keyed hashes beside it has not."""

import fcntl
import os
from datetime import datetime

from flask import current_app
from sqlalchemy import func, insert, select, union

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Change, Dataset, Erasure, MailedLink, MailJob, Recipient
from maestro.warehouse import barred, erasure, members, tables

NAME = "erasures.log"                              # one line for each: time, dataset_id, hash of the address
HASH = 64                                          # characters


def path():
    return current_app.extensions["maestro"].DATA / NAME


def keep(entries):
    """Have a line in the file for each of these erasures, safe on the disk."""
    wanted = [f"{entry.created_at.isoformat()} {entry.dataset_id} {entry.address_hash}\n" for entry in entries]
    with open(os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = file.read()
        new = [line for line in dict.fromkeys(wanted) if line not in known]
        if new:
            file.write(("" if known.endswith("\n") or not known else "\n") + "".join(new))
            file.flush()
            os.fsync(file.fileno())


def remembered():
    """The latest time of each erasure in the file, by dataset and hash. A line that a crash cut off is passed over."""
    found = {}
    for line in path().read_text().splitlines() if path().exists() else ():
        words = line.split()
        if len(words) == 3 and len(words[2]) == HASH:
            found.setdefault(int(words[1]), {})[words[2]] = datetime.fromisoformat(words[0])
    return found


def replay(by):
    """Erase everybody again whom the file names and the database does not. Who came back later stays.

    Returns (how many were erased, how many hashes were put back for nobody).
    """
    erased = noted = 0
    for dataset_id, moments in remembered().items():
        dataset = db.session.get(Dataset, dataset_id)
        if dataset:
            missing = {hash: at for hash, at in moments.items() if hash not in known_hashes(dataset)}
            persons, rest = erase_members(dataset, missing, by)
            traces = erase_traces(dataset, rest, by)
            erased, noted = erased + persons + len(traces), noted + put_back(dataset, rest - traces)
    return erased, noted


def known_hashes(dataset):
    return set(db.session.scalars(select(Erasure.address_hash).where(Erasure.dataset_id == dataset.id)))


def erase_members(dataset, missing, by):
    """Erase the members who are meant: (how many, the hashes that no member has)."""
    people, hash = tables.table(dataset), barred.hasher()
    found = db.session.execute(select(people.c.id, people.c.address_key, people.c.joined_at)) if missing else ()
    mine = [(number, hash(key), joined) for number, key, joined in found if hash(key) in missing]
    gone = [number for number, hash, joined in mine if joined <= missing[hash]]
    for number in gone:
        erasure.erase(dataset, members.find_by_id(dataset, number), by)
    return len(gone), missing.keys() - {hash for _, hash, _ in mine}


def erase_traces(dataset, hashes, by):
    """Erase what logs, ledgers and links tell of people who are no members; the hashes of those who were found."""
    ours = select(MailJob.id).where(MailJob.dataset_id == dataset.id)
    keys = union(
        select(Recipient.address_key).where(Recipient.job_id.in_(ours)),
        select(MailedLink.address_key).where(MailedLink.dataset_id == dataset.id),
        *(select(func.lower(address)).where(Change.dataset_id == dataset.id)
          for address in (Change.address, Change.old_address)))
    hash = barred.hasher()
    found = {key: hash(key) for key in db.session.scalars(keys) if key and hash(key) in hashes} if hashes else {}
    for key in found:
        erasure.erase_address(dataset, key, by)
    return set(found.values())


def put_back(dataset, hashes):
    """Bar addresses again of which nothing else is here."""
    if hashes:
        db.session.execute(insert(Erasure), [
            {"created_at": clock.now(), "dataset_id": dataset.id, "address_hash": hash} for hash in sorted(hashes)])
    return len(hashes)
