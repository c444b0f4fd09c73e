"""Authorising a job and everything a person may do with it afterwards."""

from datetime import timedelta

from maestro.accounts import settings
from maestro.delivery import ledger
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.mailing import jobs, preflight, reopening, run, states


def authorise(job, delivery, by, at=None, zone=None, grace=None, version=None):
    """Let a job go: `now` after its grace period, `at` a moment, or when `triggered`. The checklist must be clean.

    The job is held meanwhile, so that what goes out is what was checked, and what the user saw as `version`.
    """
    jobs.lock(job, version)
    preflight.require(job)
    zone, now = zone or job.zone, clock.now()
    if not clock.is_zone(zone):
        raise Refused(f"There is no time zone {zone!r}.", "zone")
    if delivery == "at" and (not at or at <= now):
        raise Refused("This time is over already. Choose a later one.", "at")
    grace = seconds(grace) if delivery == "now" else 0
    due = {"now": now + timedelta(seconds=grace), "at": at, "triggered": None}[delivery]
    states.move(job, "authorise", by, delivery=delivery, due_at=due, zone=zone, grace=grace, problem="",
                authorised_by=getattr(by, "id", None))
    ring(job, grace)


def seconds(grace):
    """The grace period in force: what was asked for, else the installation's."""
    grace = settings.get("grace") if grace is None else grace
    if not 0 <= grace <= 600:
        raise Refused("The time to undo is between 0 and 600 seconds.", "grace")
    return grace


def ring(job, grace=0):
    """Wake a worker, unless the job waits: what is due later is found by the scheduler."""
    if not grace and job.delivery == "now":
        run.send.later(job.id)


def deliver(job, by):
    """Deliver a waiting job now, after the grace period."""
    if job.delivery == "now":
        raise WrongState("This job starts by itself in a moment.", "state")
    grace = seconds(None)
    states.move(job, "deliver", by, delivery="now", grace=grace, due_at=clock.now() + timedelta(seconds=grace))
    ring(job, grace)


def revoke(job, by):
    """Take the authorisation back, or undo the delivery within its grace period: the job is a draft again."""
    states.move(job, "revoke", by)


def pause(job, by):
    states.move(job, "pause", by, problem="")


def go_on(job, by):
    states.move(job, "continue", by, problem="")
    run.send.later(job.id)


def stop(job, by):
    """Stop for good: who was not reached yet is cancelled. What went out cannot be called back."""
    states.move(job, "stop", by)
    run.send.later(job.id)


def retry(job, by):
    """Send to those who were cancelled, expired, or whose message could not be built; never twice to anybody."""
    if job.phase in ("failed", "done") and not ledger.requeue(job.id):
        raise WrongState("There is nobody left to send this to: everybody got it, refused it, or is unconfirmed.")
    states.move(job, "retry", by, problem="")
    run.send.later(job.id)


def close(job, by):
    """Put a failed job with the completed ones as it is."""
    states.move(job, "close", by)


VERBS = {"revoke": revoke, "deliver": deliver, "pause": pause, "continue": go_on, "stop": stop, "retry": retry,
         "reopen": reopening.reopen, "close": close}
