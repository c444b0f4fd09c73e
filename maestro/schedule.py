"""The table of periodic work, and the loop that does it. All of it is safe to run twice at once."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from maestro import background, leases, seals
from maestro.accounts import resets, sessions, settings, throttle
from maestro.delivery import ledger, outbox, post
from maestro.exchange import imports, launching, writing
from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.errors import MaestroError
from maestro.mailing import run
from maestro.site import blanking, forwarding, mailroom, retention
from maestro.warehouse import fieldwork, publishing

log = logging.getLogger("maestro.schedule")
# Each answers with (task, ids) of work that waits.
DUE = (run.due, imports.due, fieldwork.due, writing.due, mailroom.due, post.due)
LEASE = 15                                         # seconds for which a scheduler holds its part


def ring_for_due():
    for task, *ids in waiting():
        background.ring(task, *ids)


def waiting(queue=None):
    """The work that is due now, of one queue or of all: [(task, id, ...)]."""
    with reading():
        found = [work for look in DUE for work in look()]
        db.session.rollback()
    return [work for work in found if queue in (None, work[0].queue)]


def publish():
    with reading():
        zone, waits = settings.get("zone"), publishing.is_due()
        db.session.rollback()
    if waits:
        publishing.publish(zone)


def reap():
    ledger.reap()
    db.session.commit()


def check_ledger():
    for problem in ledger.audit():
        log.error("The ledger does not add up: %s", problem)
    db.session.rollback()


def seal_audit():
    seals.seal()
    db.session.commit()


def forget():
    """What is over anyway: sessions, links for passwords, tries at signing in."""
    for room in (sessions, resets, throttle):
        room.tidy()
    db.session.commit()


def tidy_files():
    """What nobody needs any more of imports, of an emptied Outbox, and of the daily change-log files."""
    imports.tidy()
    outbox.tidy()
    publishing.tidy(settings.get("zone"), settings.get("changelog_days"))
    db.session.rollback()


PERIODIC = (                                       # seconds between two runs, what is done
    (1, publish), (1, ring_for_due), (5, reap), (60, check_ledger), (60, seal_audit), (3600, forget),
    (3600, tidy_files), (3600, mailroom.tidy), (3600, mailroom.remind), (3600, forwarding.tidy),
    (60, blanking.blank_all), (86400, retention.tidy),
    (1, launching.launch_due), (2, launching.settle),
)


def loop(stopping):
    """Do what is due until `stopping` (an Event) is set; others stand by while one holds the lease."""
    last = {}
    while not stopping.wait(0.25):
        tick(last)
    leases.give_back("scheduler")


def tick(last):
    """One turn of the loop; `last` remembers when each part ran."""
    try:
        if elapsed(last, "lease") > LEASE / 3:
            if not leases.take("scheduler", LEASE):
                return
            last["lease"] = clock.monotonic()
        for seconds, work in PERIODIC:
            if elapsed(last, work) >= seconds:
                last[work] = clock.monotonic()
                work()
    except (SQLAlchemyError, MaestroError) as problem:
        log.warning("Periodic work did not succeed and is tried again: %s", problem)
        db.session.rollback()
    finally:
        db.session.remove()


def elapsed(last, what):
    return clock.monotonic() - last[what] if what in last else float("inf")
