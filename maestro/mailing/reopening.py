"""A failed job as a draft once more: wholly, or with those who have got it kept apart for good."""

from maestro.delivery import ledger, snapshot
from maestro.lib.errors import Refused
from maestro.mailing import states

REACHED = ("handed", "accepted", "rejected", "unknown")


def is_begun(job):
    """Whether anybody may have got the mail: then the ledger stays, and nobody in it is mailed twice."""
    counts = ledger.counts(job.id)
    return any(counts[state] for state in REACHED)


def reopen(job, by):
    """Make a failed job a draft again. Who has got the mail will not get it a second time."""
    states.move(job, "reopen", by, due_at=None, problem="")
    if not is_begun(job):
        snapshot.forget(job)


def check_place(job, dataset, list, target=None, values=None, importer=None):
    """Refuse to send the rest of a job to others than the first part."""
    there = job.dataset_id, job.list_id, job.target_id, job.target_values, job.importer_id
    changed = there != (dataset.id, list and list.id, target and target.id, values or {}, importer and importer.id)
    if changed and is_begun(job):
        raise Refused("A part of this job went out already. The rest goes to the same recipients.", "place")
