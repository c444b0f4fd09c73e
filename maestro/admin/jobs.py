"""The list of mail jobs with the details of one, and a job's own page."""

from flask import Response, flash, render_template, request, url_for
from flask_login import current_user

from maestro.admin import job_pane, job_steps, job_words
from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms.jobs import JobForm
from maestro.extensions import count
from maestro.lib import web
from maestro.mailing import filing, journal
from maestro.mailing import jobs as drafts
from maestro.models import MailJob

STAGES = (*filing.STAGES, filing.ARCHIVE)
TABS = ("summary", "preview")
SIZE = 100                             # jobs on a page of the list


@bp.get("/jobs")
@needs("job.see")
def jobs():
    stage = request.args.get("stage") if request.args.get("stage") in STAGES else "open"
    number = request.args.get("job", type=int)
    job = find(MailJob, number) if number else None
    if request.headers.get("HX-Target") == "pane":
        return render_template("admin/jobs/_pane.html", **looked_at(job, stage))
    matching = filing.staged(visible(MailJob), stage, searched())
    pages = web.paging(count(matching), SIZE)
    shown = filing.listed(matching, pages.offset, pages.limit)
    chosen = job or (shown[0] if shown else None)
    return render_template(
        "admin/jobs/index.html", counts=filing.by_stage(visible(MailJob)), jobs=[job_pane.row(one) for one in shown],
        pages=pages, chosen=job is not None, hidden=job is not None and not count(matching.where(MailJob.id == job.id)),
        **looked_at(chosen, stage))


def searched():
    return request.args.get("q", "").strip()


def looked_at(job, stage):
    return {"stage": stage, "q": searched(), "tab": tab(TABS), "job": job_pane.details(job) if job else None}


def tab(names):
    return request.args.get("tab") if request.args.get("tab") in names else names[0]


@bp.get("/jobs/<int:job_id>")
@needs("job.see")
def job(job_id):
    """A job on a page of its own; what was not authorised yet shows its steps."""
    found = find(MailJob, job_id)
    shown = job_pane.details(found)
    told = [(entry, job_words.VERBS.get(entry.verb, entry.verb)) for entry in journal.of(found)]
    return render_template("admin/jobs/job.html", job=shown, tab=tab((*TABS, "journal")), stage=shown.stage, q="",
                           steps=job_steps.of(found) if found.phase == "open" else None, journal=told)


@bp.get("/jobs/<int:job_id>/live/<any(line, progress):part>")
@needs("job.see")
def job_live(job_id, part):
    """A part of a page that changes by itself: asked for every 2 s, answered with a few hundred bytes or 304.

    205 tells the page that the job came into another phase, so that all of it is out of date.
    """
    found = find(MailJob, job_id)
    if part == "progress" and found.phase != request.args.get("phase", found.phase):
        return Response(status=205)
    shown = job_pane.row(found) if part == "line" else job_pane.head(found)
    answer = Response(render_template(f"admin/jobs/_{part}.html", row=shown, job=shown))
    answer.add_etag()
    return answer.make_conditional(request)


@bp.route("/jobs/new", methods=["GET", "POST"])
@needs("job.edit")
def job_new():
    form = JobForm()
    if form.validate_on_submit():
        with refusals(form):
            made = drafts.create(current_user.group, form.title.data, by=current_user)
            return go(".job_content", job_id=made.id)
    return render_template("admin/jobs/new.html", form=form), 422 if form.errors else 200


@bp.post("/jobs/<int:job_id>/copy")
@needs("job.edit")
def job_copy(job_id):
    made = drafts.copy(find(MailJob, job_id), by=current_user)
    return go(".job", f"“{made.title}” is a new draft.", job_id=made.id)


@bp.route("/jobs/<int:job_id>/title", methods=["GET", "POST"])
@needs("job.edit")
def job_title(job_id):
    found = find(MailJob, job_id)
    form = JobForm(obj=found)
    if form.validate_on_submit():
        with refusals(form):
            drafts.change(found, current_user, title=form.title.data)
            return go(".job", "Saved.", job_id=job_id)
    return render_template("admin/jobs/title.html", form=form, job=found), 422 if form.errors else 200


@bp.post("/jobs/<int:job_id>/remove")
@needs("job.edit")
def job_remove(job_id):
    found = find(MailJob, job_id)
    filing.remove(found, by=current_user)
    return go(".jobs", f"“{found.title}” is deleted.", stage="open")


@bp.post("/jobs/<int:job_id>/<any(archive, bring_back):verb>")
@needs("job.send")
def job_file(job_id, verb):
    found = find(MailJob, job_id)
    getattr(filing, verb)(found, by=current_user)
    if verb == "archive":
        flash((f"“{found.title}” is in the archive.", url_for(".job_file", job_id=job_id, verb="bring_back")), "undo")
        return go(".jobs", stage="completed")
    return go(".jobs", f"“{found.title}” is back.", stage="completed", job=job_id)
