"""What can be done with a job in its state: one primary action, the rest beside it; only what the user may do."""

from typing import NamedTuple

from flask import url_for

from maestro.admin import job_words
from maestro.admin.door import may
from maestro.lib.wording import number, plural

RETRIED = ("cancelled", "expired", "render_error")


class Question(NamedTuple):
    """What a dialog asks before the action."""

    title: str
    sentence: str
    action: str
    danger: bool = False
    type_name: str = ""


class Action(NamedTuple):
    label: str
    url: str
    icon: str = ""
    post: bool = True
    confirm: Question | None = None
    kind: str | None = None


def of(job, counts):
    """The actions that this user has, the primary one first."""
    allowed = may("job.edit" if job.phase == "open" else "job.send")
    found = BY_PHASE[job.phase](job, counts) if allowed else []
    return [*found[:1], *always(job), *found[1:]] if job.phase == "open" else [*found, *always(job)]


def move(job, verb, label, icon, confirm=None, kind=None):
    return Action(label, url_for("admin.job_move", job_id=job.id, verb=verb), icon, confirm=confirm, kind=kind)


def always(job):
    if not may("job.edit"):
        return []
    return [Action("Duplicate", url_for("admin.job_copy", job_id=job.id), "copy", kind="")]


def draft(job, counts):
    edit = Action("Edit", url_for("admin.job_content", job_id=job.id), "edit", post=False)
    remove = Action("Delete…", url_for("admin.job_remove", job_id=job.id), "trash", confirm=Question(
        f"Delete “{job.title}”", "The draft and its content are gone for good. Nobody has got it.",
        "Delete the draft", True))
    return [edit] if job.started_at else [edit, remove]


def waiting(job, counts):
    if job.delivery == "now":
        return [move(job, "revoke", "Undo", "arrow-back-up")]
    deliver = move(job, "deliver", "Deliver now…", "player-play", Question(
        "Deliver now", f"The job starts after the time to undo and goes to {job_words.place(job)}, instead of waiting.",
        "Deliver now"))
    revoke = move(job, "revoke", "Revoke authorisation…", "arrow-back-up", Question(
        "Revoke the authorisation", "The job becomes a draft again. Nothing is sent until it is authorised anew.",
        "Revoke authorisation"))
    return [deliver, revoke]


def stop(job, counts):
    out = plural(counts["accepted"] if counts else 0, "mail", "mails")
    left = plural(job_words.total(counts, job_words.WAIT) if counts else 0, "person does", "people do")
    return move(job, "stop", "Stop for good…", "player-stop", Question(
        "Stop for good", f"{out} already went out and cannot be called back. {left} not get it.",
        "Stop for good", True, job.title))


def sending(job, counts):
    return [move(job, "pause", "Pause", "player-pause"), stop(job, counts)]


def paused(job, counts):
    return [move(job, "continue", "Continue", "player-play"), stop(job, counts)]


def retry(job, counts):
    again = job_words.total(counts, RETRIED) if counts else 0
    return [move(job, "retry", f"Retry the failed {number(again)}", "refresh")] if again else []


def failed(job, counts):
    reopen = move(job, "reopen", "Re-open for editing…", "edit", Question(
        "Re-open for editing", "The job becomes a draft again. Who has got the mail will not get it a second time.",
        "Re-open the job"))
    return [*retry(job, counts), reopen, move(job, "close", "Close", "check", kind="")]


def completed(job, counts):
    filing = ("Back from the archive", "bring_back", "history") if job.archived_at else ("Archive", "archive", "folder")
    put = Action(filing[0], url_for("admin.job_file", job_id=job.id, verb=filing[1]), filing[2], kind="")
    return [*(retry(job, counts) if job.phase == "done" else []), put]


BY_PHASE = {"open": draft, "authorised": waiting, "launching": lambda job, counts: [], "sending": sending,
            "finishing": sending, "paused": paused, "failed": failed, "done": completed, "closed_failed": completed}
