"""Opens and clicks: taken in without waiting for the database, written in batches.

What a killed process loses is what came in since its last writing: at most `PAUSE`.
"""

import json
import logging
import threading
from collections import deque
from functools import lru_cache

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import HITS, Link

log = logging.getLogger("maestro.hits")
PAUSE = 0.05                                       # seconds between two writings
MOST = 100_000                                     # hits kept in memory while the database is away
MACHINES = ("bot", "crawler", "spider", "preview", "scanner", "barracuda", "mimecast", "proofpoint", "safelinks",
            "googleimageproxy", "yahoomailproxy", "python", "curl", "wget", "java", "headless")
ROWS = {                                           # by database: hits as rows, and how it keeps a time
    "sqlite": ("json_each(:hits) AS x", "strftime('%Y-%m-%d %H:%M:%f000', value ->> 0, 'unixepoch')"),
    "postgresql": ("jsonb_array_elements(CAST(:hits AS jsonb)) AS x", "to_timestamp(CAST(value ->> 0 AS float))"),
}
STORE = """
    INSERT INTO hit (created_at, job_id, reader, kind, link, machine, agent)
    SELECT {at}, mail_job.id, CAST(value ->> 1 AS bigint) & 4294967295, CAST(value ->> 2 AS integer),
           CAST(value ->> 3 AS integer), CAST(value ->> 4 AS boolean), value ->> 5
      FROM {rows} CROSS JOIN mail_job
     WHERE mail_job.id = CAST(value ->> 1 AS bigint) >> 32
"""                                                # all hits as one value: the database's work, not this process's
FAMILIES = ("thunderbird", "outlook", "edg", "firefox", "chrome", "safari")


class Buffer:
    """Hits of one process that wait to be written. Threads add at one end, the writer takes at the other."""

    def __init__(self):
        self.waiting = deque()
        self.lock = threading.Lock()
        self.writer = None

    def take(self, kind, id, link, agent, app, ahead=False):
        """Note a hit. Here somebody waits: what can be found out later is left out."""
        if len(self.waiting) < MOST:
            self.waiting.append(noted(kind, id, link, agent, ahead))
        if self.writer is None:
            self.wake(app)

    def wake(self, app):
        with self.lock:
            if self.writer is None:
                self.writer = threading.Timer(PAUSE, self.write, [app])
                self.writer.start()

    def write(self, app):
        """Write what waits. Who adds to it after the first line wakes the next writer; who did before is seen."""
        self.writer = None
        with self.lock:
            found = [self.waiting.popleft() for _ in range(len(self.waiting))]
        with app.app_context():
            try:
                store(found)
            except SQLAlchemyError as problem:
                log.warning("%d hits could not be written and are kept: %s", len(found), problem)
                self.waiting.extendleft(reversed(found))


def noted(kind, id, link, agent, ahead=False):
    """A hit on `id` (job << 32 | reader), now. `ahead`: it was fetched before anybody asked for it."""
    return clock.seconds(), id, HITS.index(kind), link, ahead, agent


def store(found):
    """Write hits of jobs that exist; unknown ones were signed by us for a job that is gone."""
    rows, at = ROWS[db.engine.dialect.name]
    known = [(*hit, ahead or machine, kind) for *hit, ahead, agent in found for machine, kind in (told(agent),)]
    db.session.execute(text(STORE.format(rows=rows, at=at)), {"hits": json.dumps(known)})
    db.session.commit()


@lru_cache(maxsize=1000)
def told(agent):
    return is_machine(agent), family(agent)


def is_machine(agent):
    return any(sign in agent.lower() for sign in MACHINES)


def family(agent):
    return next((name for name in FAMILIES if name in agent.lower()), "other")


def target(job_id, number):
    """Where link `number` of a job leads, or None."""
    return db.session.scalar(select(Link.url).where(Link.job_id == job_id, Link.number == number))

