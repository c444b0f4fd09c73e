"""A write-back at work: changes in their order, a batch in one transaction over there, with our cursor in it.

Where the other side has no room for the cursor, a crash between its commit and ours repeats the last batch: the
statements should then do no harm when they are done twice.
"""

import logging
from datetime import timedelta

from flask import current_app
from sqlalchemy import or_, select

from maestro import leases, notices, permissions
from maestro.accounts import settings
from maestro.background import task
from maestro.exchange import connections, facing_source, other_side, writebacks
from maestro.exchange.other_side import Busy, Side
from maestro.extensions import db, reading
from maestro.lib import clock, crash
from maestro.lib.errors import MaestroError, NotNow
from maestro.lib.foreign import query
from maestro.lib.foreign import reading as foreign
from maestro.models import Change, Conflict, User, WriteBack
from maestro.warehouse import publishing

BATCH = 200                      # changes in one transaction over there
SECONDS = 60                     # of one statement over there
AGAIN = timedelta(minutes=5)     # after which one that stands still is tried again
log = logging.getLogger("maestro.writeback")


@task("import")
def run_writeback(writeback_id):
    """Write back everything that waits; says whether it got to the end."""
    hold = Hold(f"writeback-{writeback_id}")
    try:
        hold.keep()
        while (found := step(load(writeback_id), hold)) == BATCH:
            pass
        return found is not None
    except Busy:
        return False
    finally:
        leases.give_back(hold.name)


class Hold:
    """Our part at a write-back, renewed while we are at work. Nothing rests on it where the cursor is over there."""

    def __init__(self, name):
        self.name = name

    def keep(self):
        """Take or renew it; Busy when it is another's."""
        self.since = clock.monotonic()
        if not leases.take(self.name, 2 * SECONDS):
            raise Busy

    def keep_in_time(self):
        if clock.monotonic() - self.since > SECONDS / 2:
            self.keep()


def load(writeback_id):
    with reading():
        found = db.session.get(WriteBack, writeback_id, populate_existing=True)
        db.session.commit()
    return found


def step(writeback, hold):
    """One batch: how many changes were dealt with, None when it stands still."""
    if not writeback or not writeback.enabled:
        return None
    place, accepted = connections.place(writeback.connection), connections.accepted(writeback.connection)
    db.session.commit()                            # no transaction of ours is open while the other side works
    try:
        with foreign.opened(place, SECONDS, accepted, writing=True) as (driver, there):
            side = Side(place, driver, there, hold.keep_in_time)
            cursor = other_side.find_cursor(writeback, side)
            deeds = gather(writeback, max(cursor, writeback.cursor))
            done, conflicts, problem = write(writeback, side, deeds, cursor, hold)
    except MaestroError as refusal:
        stop(writeback, refusal.sentence)
        return None
    book(writeback, deeds[:done], conflicts)
    if problem:
        stop(writeback, problem)
    return None if problem else len(deeds)


def gather(writeback, cursor):
    """The next changes with everything that statements need of them; of those that do not matter only the number."""
    with reading():
        entries = db.session.scalars(select(Change).where(
            Change.seq > cursor, Change.dataset_id == writeback.dataset_id).order_by(Change.seq).limit(BATCH)).all()
        found = [facing_source.deed(writeback, entry) for entry in entries]
        db.session.commit()
    return found


def write(writeback, side, deeds, cursor, hold):
    """Do what can be done in one transaction: (how many, conflicts, the problem at the next one or "")."""
    problem = ""
    while True:
        conflicts, failed = [], ""
        if deeds:
            other_side.move_cursor(writeback, side, cursor, deeds[-1].seq)
            done, conflicts, failed = attempt(writeback, side, deeds)
        if not failed:
            break
        side.connection.rollback()                 # what is before the problem is done again without it, and stays
        deeds, problem = deeds[:done], failed
    hold.keep()
    side.connection.commit()
    crash.point("written_back")
    return len(deeds), conflicts, problem


def attempt(writeback, side, deeds):
    conflicts = []
    for place, deed in enumerate(deeds):
        try:
            conflicts += facing_source.perform(writeback, side, deed)
        except side.driver.Error as problem:
            return place, conflicts, foreign.said(side.place, problem)
    return len(deeds), conflicts, ""


def book(writeback, deeds, conflicts):
    """Keep the cursor, the numbers and the conflicts on our side. The cursor only goes forward."""
    if not deeds:
        return
    mine = db.session.get(WriteBack, writeback.id, populate_existing=True, with_for_update={"of": WriteBack})
    written = sum(deed.statement != "" for deed in deeds)
    added = {"written": written, "passed": len(deeds) - written, "conflicts": len(conflicts)}
    mine.counts = {name: mine.counts.get(name, 0) + count for name, count in added.items()}
    if mine.cursor < deeds[-1].seq:
        mine.cursor, mine.ran_at, mine.problem, mine.stopped_at = deeds[-1].seq, clock.now(), "", None
    db.session.add_all(Conflict(writeback_id=mine.id, **conflict) for conflict in conflicts)
    db.session.commit()


def stop(writeback, problem):
    """Stand still, and tell who made it."""
    mine = db.session.get(WriteBack, writeback.id, populate_existing=True)
    if writebacks.stop(mine, problem):
        sender = settings.notices_from(current_app.extensions["maestro"])
        for user in users_told(mine):
            notices.writeback_stopped(user, mine, sender)
    db.session.commit()


def users_told(writeback):
    """Who made it; the managers of its group where nobody did, or who did is gone."""
    maker = db.session.get(User, writeback.user_id) if writeback.user_id else None
    if maker and maker.is_active:
        return [maker]
    return db.session.scalars(select(User).where(
        User.group_id == writeback.dataset.group_id, User.disabled_at.is_(None),
        User.role.in_(permissions.RIGHTS["writeback.edit"]))).all()


def due():
    """The write-backs that have something to do."""
    rested = or_(WriteBack.stopped_at.is_(None), WriteBack.stopped_at < clock.now() - AGAIN)
    behind = select(Change.id).where(Change.dataset_id == WriteBack.dataset_id, Change.seq > WriteBack.cursor).exists()
    ids = db.session.scalars(select(WriteBack.id).where(WriteBack.enabled, rested, behind))
    return [(run_writeback, writeback_id) for writeback_id in ids]


def catch_up(run):
    """Before an importer reads its source, our own changes are there: as options of the run, up to which number.

    `carried` are the fields of all its people that go there. Nothing where nothing is written back to that source.
    """
    with reading():
        source = connections.source_of(run.source)
        ids = [found.id for found in writebacks.of_source(run.dataset_id, source)] if source else []
        db.session.commit()
    if ids:
        number_all()
    for writeback_id in ids:
        if not run_writeback(writeback_id):
            if not (problem := load(writeback_id).problem):
                raise Busy
            raise NotNow(f"The write-back into the same source comes first, and stands still: {problem}")
    found = [load(writeback_id) for writeback_id in ids]
    told = [writeback for writeback in found if writeback.statements.keys() & {"profile", "address"}]
    whole = [carried(writeback) for writeback in told if writeback.list_id in (None, run.list_id)]
    return {"kept_since": min(writeback.cursor for writeback in told), "carried": sorted(set().union(*whole))} if (
        told) else {}


def carried(writeback):
    """The names of the fields that its statements bring there, "address" among them."""
    statements = writeback.statements
    fields = query.parameters(statements.get("profile", "")) - {"address"}
    return fields | ({"address"} if "address" in statements else set())


def number_all():
    """Give numbers to what is committed, so that nothing is passed over."""
    with publishing.Session(db.engine) as session:
        while publishing.number(session):
            pass
