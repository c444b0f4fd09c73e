"""Background work: an ordinary function marked `@task`, rung for with `.later()` once the transaction is committed.

The database is the queue and Redis only the doorbell: a ring that is lost costs seconds, because sweeps
(`schedule.py`) ring again for everything that is due.
"""

import hashlib
import importlib
import logging
import threading

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from maestro.extensions import db

stopping = threading.Event()                      # set in a worker that has been told to end
QUEUES = ("send", "import", "other")
log = logging.getLogger("maestro.background")


def task(queue):
    """Mark a room's function as background work of `queue`. It takes ids only and is safe to run twice."""
    def mark(run):
        run.queue = queue
        run.path = f"{run.__module__}:{run.__name__}"
        run.later = lambda *ids: db.session.info.setdefault("later", []).append((run, ids))
        return run
    return mark


@event.listens_for(Session, "after_commit")
def ring_after_commit(session):
    for run, ids in session.info.pop("later", ()):
        ring(run, *ids)


@event.listens_for(Session, "after_rollback")
def forget_after_rollback(session):
    session.info.pop("later", None)


def connect(url):
    """Who rings has somebody waiting: a Redis that does not answer is given up after two seconds.

    A connection that broke since it was used last is made anew.
    """
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2, retry=again, health_check_interval=15)


def queue(name, connection):
    return Queue(name, connection=connection, serializer=JSONSerializer)


def ring(run, *ids):
    """Ask a worker to run this soon. Rings for the same work collapse while one is still waiting."""
    connection = current_app.extensions["redis"]
    name = hashlib.sha256(f"{run.path}{ids}".encode()).hexdigest()[:32]
    try:
        if not waiting(name, connection):
            queue(run.queue, connection).enqueue(
                perform, run.path, *ids, job_id=name, job_timeout=-1, result_ttl=0, failure_ttl=0)
    except RedisError as problem:
        log.warning("Redis did not take a ring: %s", problem)


def waiting(name, connection):
    try:
        return Job.fetch(name, connection=connection, serializer=JSONSerializer).get_status(refresh=False) == "queued"
    except NoSuchJobError:
        return False


def perform(path, *ids):
    """Run the task at `path` ("module:function") in a session of its own and commit.

    Called by a worker in its app context.
    """
    module, _, name = path.partition(":")
    run = getattr(importlib.import_module(module), name)
    if not hasattr(run, "path"):
        raise ValueError(f"{path} is no background work.")
    try:
        run(*ids)
        db.session.commit()
    finally:
        db.session.remove()
