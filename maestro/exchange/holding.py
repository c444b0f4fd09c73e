"""Who is at work on a run: a lease with a fence, renewed while the work goes on.

Nothing rests on the lease but speed: every write of a run names the fence, and a number that is no longer the run's
writes nothing.
"""

import logging
import threading
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from maestro.background import stopping
from maestro.extensions import db, reading
from maestro.leases import OWNER
from maestro.lib import clock
from maestro.lib.foreign.breaking import Breaker
from maestro.models import Dataset, ImportRun

LEASE = timedelta(seconds=15)
BEAT = 4                         # seconds between renewals
LOOK = 1                         # seconds between looks whether somebody cancelled the run
WAIT = timedelta(seconds=2)      # until a run that has to wait is tried again
ACTIVE = ("queued", "fetching", "checking", "applying", "undoing")
log = logging.getLogger("maestro.imports")


class Lost(Exception):
    """The run is no longer ours: somebody cancelled it or took it over."""


class Hold:
    """A run that this process works on until it lets go or the lease runs out.

    Once it is no longer ours, `breaker` ends what another database is doing for it.
    """

    def __init__(self, run_id, fence):
        self.run_id, self.fence = run_id, fence
        self.engine = db.engine
        self.released, self.breaker = threading.Event(), Breaker()

    def __enter__(self):
        self.beating = threading.Thread(target=self.beat, daemon=True)
        self.beating.start()
        return self

    def __exit__(self, kind, problem, trace):
        self.released.set()
        self.beating.join()
        return kind is Lost

    def beat(self):
        renewed = clock.monotonic()
        while not self.released.wait(LOOK):
            try:
                self.look()
                if clock.monotonic() - renewed >= BEAT:
                    with self.engine.begin() as connection:
                        self.keep(connection, lease_until=clock.now() + LEASE)
                    renewed = clock.monotonic()
            except Lost:
                self.breaker.pull()
                return
            except SQLAlchemyError as problem:
                log.warning("The lease of import %d was not renewed: %s", self.run_id, type(problem).__name__)

    def look(self):
        """Raise Lost when the run is no longer ours; a worker that is told to end asks the source no further."""
        with reading(), self.engine.begin() as connection:
            if not connection.scalar(select(ImportRun.id).where(*self.ours())):
                raise Lost
        if stopping.is_set():
            self.breaker.pull()

    def keep(self, connection, **values):
        """Write values of the run, if it is still ours."""
        if not connection.execute(update(ImportRun.__table__).where(*self.ours()).values(**values)).rowcount:
            raise Lost

    def ours(self):
        return ImportRun.id == self.run_id, ImportRun.fence == self.fence, ImportRun.state.in_(ACTIVE)

    def write(self, **values):
        """The same in a transaction of its own."""
        with self.engine.begin() as connection:
            self.keep(connection, **values)
        self.stop_if_told()

    def stop_if_told(self):
        """A worker that is told to end lets go between two steps; another goes on at once."""
        if stopping.is_set():
            with self.engine.begin() as connection:
                self.keep(connection, owner="", lease_until=None)
            raise Lost

    def end(self, state, **values):
        """Leave the run in a state in which nobody works on it, and the dataset free for others."""
        with self.engine.begin() as connection:
            ended_at = clock.now() if state in ("done", "failed", "undone") else None
            self.keep(connection, state=state, owner="", lease_until=None, ended_at=ended_at, **values)
            connection.execute(free(self.run_id))

    def wait(self):
        """Let go for now; the run is due again in a moment."""
        self.write(owner="", lease_until=clock.now() + WAIT)

    def take_dataset(self, dataset_id):
        """Mark the dataset as being changed by this run; False while another run changes it.

        A run that was cancelled a moment ago must not mark it: nobody would ever free it again.
        """
        with self.engine.begin() as connection:
            self.keep(connection, owner=OWNER)
            return bool(connection.execute(
                update(Dataset.__table__).where(
                    Dataset.id == dataset_id, or_(Dataset.busy_run_id.is_(None), Dataset.busy_run_id == self.run_id))
                .values(busy_run_id=self.run_id)).rowcount)


def free(run_id):
    return update(Dataset.__table__).where(Dataset.busy_run_id == run_id).values(busy_run_id=None)


def claim(run_id):
    """Take a run that nobody works on. None if somebody does or there is nothing to do."""
    now = clock.now()
    with db.engine.begin() as connection:
        fence = connection.scalar(
            update(ImportRun.__table__).where(ImportRun.id == run_id, is_due(now))
            .values(owner=OWNER, fence=ImportRun.fence + 1, lease_until=now + LEASE).returning(ImportRun.fence))
    return fence and Hold(run_id, fence)


def is_due(now):
    return ImportRun.state.in_(ACTIVE) & or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < now)


def due():
    """The numbers of the runs that wait for somebody."""
    return db.session.scalars(select(ImportRun.id).where(is_due(clock.now())).order_by(ImportRun.id)).all()
