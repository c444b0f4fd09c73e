"""Workers: RQ wakes them, and every few seconds they look for due work themselves, so they go on without Redis."""

import ctypes
import logging
import os
import signal
import time
from contextlib import contextmanager

from redis.exceptions import ConnectionError, RedisError, TimeoutError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from maestro import background, schedule
from maestro.extensions import db

log = logging.getLogger("maestro.worker")
IDLE = 4                                           # seconds without a ring before looking for work
PR_SET_PDEATHSIG = 1


@contextmanager
def giving_up():
    """Stop listening when Redis does not answer. RQ would wait in place until it is back, and do nothing else."""
    try:
        yield
    except (ConnectionError, TimeoutError) as problem:
        raise StopRequested from problem


class Doorbell(Queue):
    @classmethod
    def dequeue_any(cls, *queues, **how):
        with giving_up():
            return super().dequeue_any(*queues, **how)


class Bell(Worker):
    """An RQ worker whose children die with it, and are told when it is time to stop."""

    queue_class = Doorbell

    @property
    def connection_timeout(self):
        """Seconds: somewhat longer than it listens."""
        return IDLE + 1

    def heartbeat(self, *how, **more):
        if self.horse_pid:
            super().heartbeat(*how, **more)
            return
        with giving_up():
            super().heartbeat(*how, **more)

    def main_work_horse(self, job, queue):
        become_child()
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: background.stopping.set())

    def request_stop(self, signum, frame):
        background.stopping.set()
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
        super().request_stop(signum, frame)

    def request_force_stop(self, signum, frame):
        """A second signal changes nothing: outcomes on their way are still written down."""


def become_child():
    """In a forked child: die with the parent, and do not share its connections."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    db.engine.dispose(close=False)


def work(kind, connection):
    """Serve the queue `kind` until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: background.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: background.stopping.set())
    while not background.stopping.is_set():
        db.engine.dispose()
        listen(kind, connection)
        for task, *ids in schedule.waiting(kind):
            if not background.stopping.is_set():
                in_child(task.path, *ids)


def listen(kind, connection):
    """Do what is rung for, until nothing is for some seconds, or Redis is away."""
    since = time.monotonic()
    try:
        Bell([kind], connection=connection, serializer=JSONSerializer).work(
            max_idle_time=IDLE, logging_level="WARNING")
    except RedisError as problem:
        log.warning("Redis is away (%s); looking for work without it.", problem)
        background.stopping.wait(max(0, since + IDLE - time.monotonic()))


def in_child(path, *ids):
    """Perform a task in a process of its own, as RQ does, without Redis."""
    pid = os.fork()
    if not pid:
        run_as_child(path, *ids)
    previous = signal.signal(signal.SIGTERM, lambda *_: (background.stopping.set(), os.kill(pid, signal.SIGTERM)))
    os.waitpid(pid, 0)
    signal.signal(signal.SIGTERM, previous)


def run_as_child(path, *ids):
    status = 1
    try:
        become_child()
        background.perform(path, *ids)
        status = 0
    except Exception:
        log.exception("Work in the background broke: %s", path)
    finally:
        os._exit(status)
