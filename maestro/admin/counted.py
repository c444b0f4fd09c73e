"""Audiences counted a moment ago: counting a million people takes a while, and a page shows when it was done."""

from flask import current_app

from maestro.lib import clock
from maestro.mailing import funnel

AGE = 60                                           # seconds for which a count is shown again
LONG = 600                                         # the same where it only gives an idea
MOST = 500                                         # counts in memory


def recent(job, age=AGE):
    """The funnel of a job as it was counted at most `age` seconds ago."""
    found = kept().get(place(job))
    return found if found and (clock.now() - found.counted_at).total_seconds() < age else anew(job)


def anew(job):
    """The funnel counted now."""
    if len(kept()) >= MOST:
        kept().clear()
    found = kept()[place(job)] = funnel.count(job)
    return found


def place(job):
    """What an audience is counted under."""
    return job.dataset_id, job.list_id, job.target_id, job.importer_id, job.target and str((
        job.target.condition, job.target_values))


def kept():
    return current_app.extensions.setdefault("funnels", {})
