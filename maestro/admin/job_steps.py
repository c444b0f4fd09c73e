"""The steps of writing a job, in any order: which are done, which need attention."""

from flask import url_for

from maestro.admin import counted
from maestro.mailing import preflight

STEPS = (("content", "Content", "admin.job_content"), ("audience", "Recipients", "admin.job_audience"),
         ("test", "Test", "admin.job_test"), ("delivery", "Delivery", "admin.job_delivery"),
         ("send", "Send", "admin.job_send"))
OF_FIELD = {"place": "audience", "test": "test"}   # every other field of the checklist is on the content page


def of(job):
    """(key, label, url, state) of every step; state is good, warn, bad or quiet (nothing to say yet)."""
    states = by_step(preflight.checklist(job, counted.recent(job) if job.dataset else None))
    states["delivery"] = "good" if job.delivery != "at" or job.due_at else "bad"
    return [(key, label, url_for(endpoint, job_id=job.id), states.get(key, "quiet")) for key, label, endpoint in STEPS]


def by_step(checklist):
    """The worst state of each step that the checklist speaks of."""
    worst = {}
    for item in checklist:
        step = OF_FIELD.get(item.field, "content")
        worst[step] = max(item.state, worst.get(step, "good"), key=("good", "warn", "bad").index)
    return worst
