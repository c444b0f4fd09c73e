"""What can be done with a job once it is authorised: one route for all moves."""

from flask import request
from flask_login import current_user

from maestro.admin.door import bp, find, go, needs
from maestro.lib import web
from maestro.lib.errors import Refused
from maestro.mailing import authorise, doubtful, filing
from maestro.models import MailJob
from maestro.site import archive

SAID = {"revoke": "The job is a draft again. Nothing was sent.", "deliver": "The job starts in a moment.",
        "pause": "Sending is paused.", "continue": "Sending goes on.", "stop": "Sending is being stopped for good.",
        "retry": "The rest is being sent.", "reopen": "The job is a draft again.", "close": "The job is closed."}


@bp.post("/jobs/<int:job_id>/<any(revoke, deliver, pause, continue, stop, retry, reopen, close):verb>")
@needs("job.send")
def job_move(job_id, verb):
    job = find(MailJob, job_id)
    if verb == "stop" and request.form.get("typed", "").strip() != job.title:
        raise Refused(f"Nothing was stopped: type the title “{job.title}” to stop for good.", "typed")
    authorise.VERBS[verb](job, by=current_user)
    return shown(job, SAID[verb])


def shown(job, said):
    """Back to where the button was: the job's own page, or its line in the list of the stage it is in now."""
    if (web.referrer_path() or "").startswith(f"/admin/jobs/{job.id}"):
        return go(".job", said, job_id=job.id)
    return go(".jobs", said, stage=filing.stage_of(job), job=job.id)


@bp.post("/jobs/<int:job_id>/<any(publish, unpublish):verb>")
@needs("job.send")
def job_publish(job_id, verb):
    """Into the public archive of its list, or out of it."""
    job = find(MailJob, job_id)
    archive.publish(job, verb == "publish", by=current_user)
    return shown(job, "Anybody can read it in the archive." if job.public else "It is in the archive no more.")


@bp.post("/jobs/<int:job_id>/unconfirmed/<any(leave, again, delivered):verb>")
@needs("job.send")
def job_settle(job_id, verb):
    job = find(MailJob, job_id)
    settled = doubtful.settle(job, verb, by=current_user)
    said = {"leave": "They stay unconfirmed.", "again": f"Sending again to {settled:,}.",
            "delivered": f"{settled:,} count as delivered."}
    return go(".job_ledger", said[verb], job_id=job_id)
