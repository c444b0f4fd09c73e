"""How a job reads on a page: the word for its state, its time, its numbers in the words of a marketer."""

from flask import g

from maestro.delivery import ledger
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.wording import number, plural, span, when
from maestro.models import Importer, MailJob

STATES = {                                         # phase: word and tone of the pill
    "open": ("Draft", "draft"), "launching": ("Sending", "sending"), "sending": ("Sending", "sending"),
    "finishing": ("Sending", "sending"), "paused": ("Paused", "paused"), "stopping": ("Stopping", "paused"),
    "failed": ("Failed", "failed"), "done": ("Delivered", "done"), "closed_failed": ("Stopped", "draft"),
}
WAITING = {"now": ("Starting", "scheduled"), "at": ("Scheduled", "scheduled"),
           "triggered": ("Waiting for trigger", "trigger")}
RUNNING = ("launching", "sending", "finishing", "stopping")
COUNTED = (*RUNNING, "paused", "failed", "done", "closed_failed")
SENT, LEFT_OUT = ("accepted",), ("suppressed", "cancelled", "held")
FAILED, WAIT = ("rejected", "expired", "render_error"), ("queued", "claimed", "handed")
TRACKED = {"none": "Nothing", "blind": "Opens and clicks, totals only", "anonymous": "Opens and clicks, anonymous",
           "unique": "Opens and clicks, once for each person, without names",
           "permission": "Opens and clicks by person, with permission", "personal": "Opens and clicks by person"}
VERBS = {
    "create": "made this job", "change": "changed it", "test": "sent a test delivery",
    "accept_test": "accepted the test", "authorise": "authorised the delivery", "deliver": "told it to start now",
    "revoke": "took the authorisation back", "launch": "launched it", "begin": "began to send",
    "wait": "waits for recipients whose servers said later", "pause": "paused it", "continue": "continued it",
    "stop": "stopped it for good", "stopped": "ended the stopped delivery", "fail": "marked it as failed",
    "finish": "finished it", "retry": "tried again", "reopen": "opened it for editing again", "close": "closed it",
    "resolve": "settled unconfirmed recipients", "archive": "put it into the archive",
    "unarchive": "took it out of the archive",
}


def state(job, counts=None):
    """The word and the tone of a job's pill; `counts` tell a failure before the first mail from one after it."""
    if job.phase == "authorised":
        return WAITING[job.delivery]
    if job.phase == "failed" and counts and counts["accepted"]:
        return "Partly sent", "failed"
    return STATES[job.phase]


def until(job):
    """The end of the time in which the start can be undone, or None."""
    graced = job.phase == "authorised" and job.delivery == "now"
    return job.due_at if graced and job.due_at > clock.now() else None


def at(job):
    """What stands in the column When: a word and a moment, either may be empty."""
    if job.phase == "authorised":
        return {"at": ("", job.due_at), "triggered": ("on trigger", None), "now": ("now", None)}[job.delivery]
    if job.phase in (*RUNNING, "paused"):
        return "since", job.started_at
    if job.phase == "failed":
        return "failed", job.ended_at
    return ("made", job.created_at) if job.phase == "open" else ("", job.ended_at)


def kind(job):
    return {"at": "Scheduled", "triggered": "Triggered"}.get(job.delivery, "Standard")


def place(job):
    """To whom it goes, by name."""
    if not job.dataset:
        return "no recipients yet"
    whole = job.list.name if job.list else f"everybody in {job.dataset.name}"
    importer = job.importer_id and db.session.get(Importer, job.importer_id)
    if job.importer_id:
        return f"{whole}, by the importer {importer.name if importer else 'that is gone'}"
    return f"{job.target.name}, of {whole}" if job.target else whole


def counts(job):
    """The ledger in numbers, None while the job has none."""
    return ledger.counts(job.id) if job.phase in COUNTED and job.audience else None


def total(counts, states):
    return sum(counts[state] for state in states)


def speed(job, sent):
    """Messages a minute since the start, 0 while that says nothing yet."""
    seconds = (clock.now() - job.started_at).total_seconds() if job.started_at else 0
    return round(60 * sent / seconds) if seconds > 2 and job.phase in ("sending", "finishing") else 0


def seconds_left(job, counts):
    """How long it takes at this speed, or None."""
    pace = speed(job, total(counts, (*SENT, *FAILED)))
    return 60 * total(counts, WAIT) / pace if pace and job.phase == "sending" else None


def line(job, counts):
    """Progress in a few words: `31,336 of 48,210 · 41 s left`."""
    done = job.audience - total(counts, WAIT)
    left = seconds_left(job, counts)
    return f"{number(done)} of {number(job.audience)}" + (f" · {span(left)} left" if left else "")


def in_zone(moment, zone):
    """A moment with the zone named and how far it is: `Mon 23 Nov, 08:00 Berlin time (in 22 h)`."""
    away = (moment - clock.now()).total_seconds()
    distance = f" (in {span(away)})" if away > 0 else ""
    return f"{when(moment, zone)} {zone_name(zone)}{distance}"


def zone_name(zone):
    return "UTC" if zone == "UTC" else f"{zone.rsplit('/')[-1].replace('_', ' ')} time"


def delivery(job: MailJob):
    """When it goes out, in words."""
    if job.phase in COUNTED:
        return f"Started {when(job.started_at, g.zone)}" if job.started_at else "Never started"
    if job.delivery == "triggered":
        return "When its trigger is used"
    if job.delivery == "at":
        return in_zone(job.due_at, job.zone) if job.due_at else "At a time that is not chosen yet"
    grace = job.grace if job.phase == "authorised" else 0
    return f"At once, with {plural(grace, 'second', 'seconds')} to undo" if grace else "At once"
