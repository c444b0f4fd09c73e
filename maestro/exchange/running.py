"""The way of a run: fetching, checking, applying. It goes on from any of them after a crash."""

import logging

from polars.exceptions import PanicException
from sqlalchemy.exc import InterfaceError, OperationalError

from maestro.background import task
from maestro.exchange import holding, remembering
from maestro.exchange.apply import apply
from maestro.exchange.check import check, final_counts, is_planned, is_whole
from maestro.exchange.fetch import fetch
from maestro.exchange.memory import Twofold
from maestro.exchange.numbering import number_new
from maestro.exchange.staging import Staging
from maestro.exchange.undoing import undo
from maestro.exchange.writing import Busy, catch_up
from maestro.extensions import db, reading
from maestro.lib import clock, crash
from maestro.lib.errors import MaestroError
from maestro.lib.foreign.breaking import Breaker
from maestro.models import ImportRun

log = logging.getLogger("maestro.imports")
BROKEN = "The import stopped because of an error in Maestro. The log of the worker says more."


@task("import")
def run_import(run_id):
    """Take an import as far as it goes: to its end, or to where a person decides."""
    if hold := holding.claim(run_id):
        go_on(run_id, hold)
    if (run := load(run_id)).state == "cancelled" and run.storage:
        Staging(run).drop()


def go_on(run_id, hold):
    with hold:
        try:
            while STEPS[(run := load(run_id)).state](run, hold):
                pass
        except MaestroError as refusal:
            hold.stop_if_told()
            hold.end("failed", problem=refusal.sentence)
        except (OperationalError, InterfaceError, holding.Lost):
            raise                               # the database is away, or the run is not ours: it is due again later
        except (Exception, PanicException):     # polars' panics are none
            log.exception("Import %d broke", run_id)
            hold.end("failed", problem=BROKEN)


def load(run_id):
    """The run as it is now, outside of any transaction."""
    with reading():
        found = db.session.get(ImportRun, run_id, populate_existing=True)
        db.session.commit()
    return found


def fetching(run, hold):
    """Read the source from its beginning, whatever an earlier attempt has read."""
    hold.write(state="fetching", done=0, started_at=run.started_at or clock.now())
    try:
        known = catch_up(run)
    except Busy:
        hold.wait()
        return False
    hold.write(options={**run.options, **known, **remembering.begin(run)})
    run = load(run.id)
    try:
        done, counts = fetch(run, Staging(run), hold)
    except Twofold:
        return afresh(run, hold)
    hold.write(state="checking", total=done, done=done, counts=counts)
    return True


def afresh(run, hold):
    """Read the source again, and compare every row of it: nobody has seen what it says now."""
    hold.breaker = Breaker()
    hold.write(state="fetching", options={**run.options, "afresh": True, "released": False})
    return True


def checking(run, hold):
    """Compare with what is there now; stop where a person has to look. A dry run ends here."""
    dry = run.options["dry_run"]
    if not dry and not hold.take_dataset(run.dataset_id):
        hold.wait()
        return False
    staging = Staging(run)
    if not is_whole(run, staging) or not remembering.still_holds(run):
        return afresh(run, hold)
    try:
        counts, doubt = check(run, staging)
    except Twofold:
        return afresh(run, hold)
    if doubt and run.counts["same"]:               # who decides later decides about rows that are compared then
        return afresh(run, hold)
    counts = run.counts | counts
    if dry or (doubt and not run.options.get("released")):
        hold.end("staged" if dry else "needs_review", counts=counts, problem=doubt)
        return False
    number_new(run, staging)
    hold.write(state="applying", counts=counts, cursor=0, done=0, problem="")
    crash.point("checked")
    return True


def applying(run, hold):
    staging = Staging(run)
    if not is_planned(run, staging):
        hold.write(state="fetching")
        return True
    apply(run, staging, hold)
    counts = final_counts(run, staging)
    crash.point("applied")
    hold.end("done", counts=counts)
    remembering.keep(run, staging)
    return False


def undoing(run, hold):
    """Take everything back that the run has changed."""
    if not hold.take_dataset(run.dataset_id):
        hold.wait()
        return False
    kept = undo(run, hold)
    hold.end("undone", counts={**run.counts, "kept": kept})
    return False


STEPS = {"queued": fetching, "fetching": fetching, "checking": checking, "applying": applying, "undoing": undoing}
