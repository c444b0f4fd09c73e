"""The ledger of a job: what became of everybody, in numbers that add up, and by person."""

from datetime import datetime

from flask import g, render_template, request, stream_with_context, url_for

from maestro.admin import job_pane, job_words
from maestro.admin.door import bp, find, needs
from maestro.delivery import ledger
from maestro.lib import web
from maestro.lib.tabular import write
from maestro.lib.wording import when
from maestro.models import RECIPIENT_STATES, MailJob

SIZE = 50
COLUMNS = ("number", "address", "state", "attempts", "code", "reply", "handed_at", "done_at")
WORDS = {                                          # state: what it is called, and what it means
    "accepted": ("Sent", "The mail server took the mail and answers for it."),
    "queued": ("Waiting", "Not sent yet, or to be tried again later."),
    "claimed": ("Next", "A sender has taken them and is about to send."),
    "handed": ("Being sent", "The mail is on its way to the mail server."),
    "rejected": ("Refused", "The mail server refused the address or the mail for good."),
    "expired": ("Given up", "The mail server said “later” until the time was over."),
    "render_error": ("Not built", "The message could not be made from this person's values."),
    "unknown": ("Unconfirmed", "The mail server may or may not have taken them."),
    "suppressed": ("Left out", "The address must not get mail from you, or the person left in the meantime."),
    "cancelled": ("Cancelled", "The job was stopped before their turn."),
    "held": ("Held back", "They wait for a decision."),
}


@bp.get("/jobs/<int:job_id>/ledger")
@needs("job.recipients")
def job_ledger(job_id):
    job = find(MailJob, job_id)
    state = request.args.get("state") if request.args.get("state") in RECIPIENT_STATES else None
    after = request.args.get("after", 0, type=int)
    people = [shown(row) for row in ledger.recipients(job.id, state, after=after, limit=SIZE + 1)]
    counts = ledger.counts(job.id)
    return render_template(
        "admin/jobs/ledger.html", job=job_pane.head(job), state=state, counts=counts, words=WORDS, people=people[:SIZE],
        total=job.audience, first=url_for(".job_ledger", job_id=job_id, state=state) if after else None,
        next=beyond(job_id, state, people),
        is_over=job.phase in ("done", "failed", "closed_failed"), pill=job_words.state(job, counts))


def beyond(job_id, state, people):
    """The address of the next page, when one more was found than is shown."""
    if len(people) <= SIZE:
        return None
    return url_for(".job_ledger", job_id=job_id, state=state, after=people[SIZE - 1]["number"])


def shown(row):
    """A row of the ledger with its last time as the page shows times."""
    at = row["done_at"] or row["handed_at"]
    return {**row, "at": when(datetime.fromisoformat(at), g.zone) if at else ""}


@bp.get("/jobs/<int:job_id>/ledger.csv")
@needs("person.export")
def job_ledger_csv(job_id):
    """The ledger as a file for a spreadsheet."""
    job = find(MailJob, job_id)
    state = request.args.get("state") if request.args.get("state") in RECIPIENT_STATES else None
    rows = ([row[name] for name in COLUMNS] for row in ledger.recipients(job.id, state))
    name = f"{job.code}{'-' + state if state else ''}.csv"
    chunks = stream_with_context(write.csv_bytes(COLUMNS, rows, guard=True))
    return web.download(chunks, name, "text/csv; charset=utf-8")
