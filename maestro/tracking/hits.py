"""Opens and clicks: taken in without waiting for the database, written in batches.

What a killed process loses is what came in since its last writing: at most one of `PAUSES`.
"""

import logging
import threading

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Hit, Link, MailJob

log = logging.getLogger("maestro.hits")
PAUSES = {True: 1.0, False: 0.05}                  # seconds between two writings, on SQLite (one writer for all) or not
MOST = 100_000                                     # hits kept in memory while the database is away
MACHINES = ("bot", "crawler", "spider", "preview", "scanner", "barracuda", "mimecast", "proofpoint", "safelinks",
            "googleimageproxy", "yahoomailproxy", "python", "curl", "wget", "java", "headless")
FAMILIES = ("thunderbird", "outlook", "edg", "firefox", "chrome", "safari")


class Buffer:
    """Hits of one process that wait to be written."""

    def __init__(self):
        self.waiting = []
        self.lock = threading.Lock()
        self.writer = None

    def take(self, kind, id, link, agent, app, ahead=False):
        """Note a hit on `id` (job << 32 | reader). `ahead`: it was fetched before anybody asked for it."""
        hit = {"created_at": clock.now(), "job_id": id >> 32, "kind": kind, "reader": id & 0xFFFFFFFF, "link": link,
               "machine": ahead or is_machine(agent), "agent": family(agent)}
        with self.lock:
            if len(self.waiting) < MOST:
                self.waiting.append(hit)
            if not (self.writer and self.writer.is_alive()):
                self.writer = threading.Timer(PAUSES[app.extensions["maestro"].sqlite], self.write, [app])
                self.writer.daemon = True
                self.writer.start()

    def write(self, app):
        with self.lock:
            hits, self.waiting, self.writer = self.waiting, [], None
        with app.app_context():
            try:
                store(hits)
            except SQLAlchemyError as problem:
                log.warning("%d hits could not be written and are kept: %s", len(hits), problem)
                with self.lock:
                    self.waiting = hits + self.waiting


def store(hits):
    """Write hits of jobs that exist; unknown ones were signed by us for a job that is gone."""
    known = set(db.session.scalars(select(MailJob.id).where(MailJob.id.in_({hit["job_id"] for hit in hits}))))
    found = [hit for hit in hits if hit["job_id"] in known]
    if found:
        db.session.execute(insert(Hit), found)
    db.session.commit()


def is_machine(agent):
    return any(sign in agent.lower() for sign in MACHINES)


def family(agent):
    return next((name for name in FAMILIES if name in agent.lower()), "other")


def target(job_id, number):
    """Where link `number` of a job leads, or None."""
    return db.session.scalar(select(Link.url).where(Link.job_id == job_id, Link.number == number))

