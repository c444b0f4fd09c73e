"""Recipients of whom nobody knows whether they got the mail: settled by a person, never by guessing."""

from maestro import audit
from maestro.delivery import ledger
from maestro.lib.errors import WrongState
from maestro.mailing import journal, run, states

ENDED = ("done", "failed", "closed_failed")


def settle(job, verb, by):
    """Settle the unconfirmed of an ended job: `leave` them, send `again`, or count as `delivered`. Says how many."""
    if job.phase not in ENDED:
        raise WrongState(f"This job is {states.WORDS[job.phase]}. The unconfirmed are settled when it has ended.")
    if verb == "again" and job.phase == "closed_failed":
        raise WrongState("This job is closed. Nothing more is sent.")
    waiting = ledger.counts(job.id)["unknown"]
    if not waiting:
        raise WrongState("There is nobody unconfirmed any more.")
    settled = VERBS[verb](job, by) if verb in VERBS else waiting
    audit.record("job.resolve", job, by, recipients=settled, state=verb)
    journal.note(job, "resolve", by)
    return settled


def again(job, by):
    """Send once more, with the same Message-ID, so that mailboxes which drop repeats can."""
    settled = ledger.resolve(job.id, "queued")
    states.move(job, "retry", by)
    run.send.later(job.id)
    return settled


def delivered(job, by):
    return ledger.resolve(job.id, "accepted")


VERBS = {"again": again, "delivered": delivered}
