"""What the details of a job show: its head, its progress, its facts and its checklist."""

from types import SimpleNamespace

from flask import g, request, url_for

from maestro.admin import counted, job_actions, job_words
from maestro.admin.door import may
from maestro.lib.wording import number, plural, when
from maestro.mailing import audience, filing, journal, preflight, preview
from maestro.site import forwarding

STEPS = {"subject": "admin.job_content", "html": "admin.job_content", "text": "admin.job_content",
         "from_address": "admin.job_content", "place": "admin.job_audience", "test": "admin.job_test"}
FIXES = {"admin.job_test": "Go to the test", "admin.job_audience": "Choose recipients"}
BARS = {"paused": "paused", "failed": "failed"}    # tones of the bar that are not the usual one
VIEWS = ("html", "phone", "text")


def row(job):
    """A line of the list of jobs. Only those that are under way or went wrong have their ledger counted."""
    active = job.phase in (*job_words.RUNNING, "paused")
    counts = job_words.counts(job) if active or job.phase == "failed" else None
    active = active and counts
    word, tone = job_words.state(job, counts)
    at_word, at = job_words.at(job)
    return SimpleNamespace(
        id=job.id, code=job.code, title=job.title, kind=job_words.kind(job), word=word, tone=tone,
        until=job_words.until(job), to=job_words.place(job), people=people(job), at_word=at_word, at=at,
        owner=owner(job),
        done=job.audience - job_words.total(counts, job_words.WAIT) if active else 0,
        total=job.audience if active else None,
        line=job_words.line(job, counts) if active else "", live=is_live(job))


def people(job):
    """How many get it: the ledger knows, or for a job that waits a count of the last minutes."""
    if job.audience or not job.dataset:
        return job.audience or None
    return counted.recent(job, counted.LONG).audience


def is_live(job):
    """Whether the line may change while somebody looks at it."""
    return job.phase in job_words.RUNNING or job.phase == "authorised" and job.delivery == "now"


def owner(job):
    return job.user.name or job.user.email if job.user else "command line"


def head(job):
    """What stands above the tabs, for the pane and for the job's own page."""
    counts = job_words.counts(job)
    word, tone = job_words.state(job, counts)
    return SimpleNamespace(
        id=job.id, code=job.code, title=job.title, url=url_for("admin.job", job_id=job.id), word=word, tone=tone,
        phase=job.phase, until=job_words.until(job), actions=job_actions.of(job, counts), stage=filing.stage_of(job),
        problem=job.problem, progress=progress(job, counts), live=is_live(job))


def details(job):
    """The head with all that the tabs show."""
    shown = head(job)
    shown.locked = locked(job)
    shown.facts = facts(job)
    shown.checks = checks(job) if job.phase == "open" else []
    shown.archive = (bool(job.list and job.list.archive and job.phase == "done"), job.public)
    shown.unconfirmed = shown.progress.unconfirmed if shown.progress else 0
    shown.__dict__.update(previewed(job))
    return shown


def progress(job, counts):
    """The strip with the numbers: they add up to the audience."""
    if not counts:
        return None
    add = {name: job_words.total(counts, states) for name, states in (
        ("sent", job_words.SENT), ("left_out", job_words.LEFT_OUT), ("failed", job_words.FAILED),
        ("waiting", job_words.WAIT))}
    return SimpleNamespace(
        **add, unconfirmed=counts["unknown"], total=job.audience, done=job.audience - add["waiting"],
        rate=job_words.speed(job, add["sent"] + add["failed"]), seconds_left=job_words.seconds_left(job, counts),
        tone=BARS.get(job_words.state(job, counts)[1], "sending"))


def locked(job):
    if job.phase == "authorised":
        return "To change this job, revoke its authorisation first."
    if job.phase == "failed":
        return "To change this job, re-open it first."
    return "" if job.phase == "open" else "What was sent cannot be changed. Duplicate the job to use it again."


def facts(job):
    """(name, value, where it is changed or None) of the Summary."""
    edit = may("job.edit") and job.phase == "open"

    def link(endpoint):
        return url_for(endpoint, job_id=job.id) if edit else None

    sender = f"{job.from_name} <{job.from_address}>" if job.from_name else job.from_address
    found = [("Subject", job.subject or "not written yet", link("admin.job_content")),
             ("From", sender or "not chosen yet", link("admin.job_content")),
             ("Recipients", recipients(job), link("admin.job_audience")),
             ("Tracking", job_words.TRACKED[job.tracking], link("admin.job_audience")),
             ("Delivery", job_words.delivery(job), link("admin.job_delivery"))]
    if job.reply_to:
        found.insert(2, ("Replies go to", job.reply_to, link("admin.job_content")))
    return found + authorised(job) + shared(job)


def shared(job):
    """Where the mail went besides its recipients."""
    friends = forwarding.friends_of(job) if job.audience else 0
    archived = job.list and job.list.archive and job.public
    return [*([("Forwarded", f"to {plural(friends, 'friend', 'friends')}", None)] if friends else []),
            *([("Public archive", "Anybody can read it", None)] if archived else [])]


def recipients(job):
    """To whom and to how many; while nothing was sent, counted a moment ago."""
    if job.audience or not job.dataset:
        people = f", {plural(job.audience, 'person', 'people')}" if job.audience else ""
        return job_words.place(job) + people
    found = counted.recent(job)
    return f"{job_words.place(job)}, counted {when(found.counted_at, g.zone)[-5:]}: {number(found.audience)}"


def authorised(job):
    entry = journal.last(job, "authorise") if job.phase != "open" else None
    return [("Authorised by", f"{entry.actor}, {when(entry.created_at, g.zone)}", None)] if entry else []


def checks(job):
    """The checklist as (state, sentence, url, action)."""
    found = counted.recent(job) if job.dataset else None
    return [(item.state, item.sentence, *fix(job, item)) for item in preflight.checklist(job, found)]


def fix(job, item):
    if item.state == "good" or not may("job.edit"):
        return None, ""
    endpoint = STEPS[item.field]
    return url_for(endpoint, job_id=job.id), FIXES.get(endpoint, "Fix in content")


def previewed(job):
    """The Preview tab: as whom, in which form. Who may not see people sees the message without values."""
    search, view = request.args.get("as", "").strip(), request.args.get("view", "html")
    member = request.args.get("person", type=int) if may("person.see") else audience.NOBODY
    found = audience.sample(job, search) if job.dataset and may("person.see") else []
    parts = preview.as_person(job, member)
    return {"persons": [(row["id"], label(row)) for row in found], "person": member, "search": search,
            "view": view if view in VIEWS else "html", "subject": parts.subject, "text": parts.text,
            "frame_url": preview.link("job", job.id, member) if parts.html else None}


def label(row):
    name = " ".join(str(row[key]) for key in ("first_name", "last_name") if row.get(key))
    return f"{name} ({row['address']})" if name else row["address"]
