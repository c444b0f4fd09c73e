"""To whom a job goes, and how that number comes about: each with its people."""

from flask import render_template, request
from flask_login import current_user

from maestro.admin import counted, job_steps, job_words
from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms.jobs import AudienceForm
from maestro.admin.job_content import seen
from maestro.extensions import db
from maestro.lib import web
from maestro.lib.errors import NotFound
from maestro.mailing import audience, funnel, jobs
from maestro.models import Dataset, HostedList, MailJob

PARTS = {"all": "Everybody", "left": "Left", "unconfirmed": "Waiting for confirmation",
         "resting": "Pausing, or had their mail lately",
         "suppressed": "Must not get mail", "audience": "Will get it"}


@bp.route("/jobs/<int:job_id>/recipients", methods=["GET", "POST"])
@needs("job.audience")
def job_audience(job_id):
    job = find(MailJob, job_id)
    form = AudienceForm(place=chosen(job), tracking=job.tracking, version=job.version)
    form.place.choices = places()
    if form.validate_on_submit():
        with refusals(form):
            choose(job, form)
            return go(".job_test" if request.form.get("go") else ".job_audience", "Saved.", job_id=job_id)
    count = counted.anew if "again" in request.args else counted.recent
    return render_template("admin/jobs/audience.html", form=form, job=job, steps=job_steps.of(job),
                           whole=job_words.place(job),
                           funnel=count(job) if job.dataset else None), 422 if form.errors else 200


def chosen(job):
    """The choice of the select that a job's recipients are."""
    if not job.dataset_id:
        return ""
    return f"list-{job.list_id}" if job.list_id else f"dataset-{job.dataset_id}"


def places():
    """The lists and datasets that the user sees, by dataset, as WTForms has option groups."""
    datasets = db.session.scalars(visible(Dataset).order_by(Dataset.name)).all()
    return {dataset.name: {f"list-{list.id}": list.name for list in dataset.lists}
            | {f"dataset-{dataset.id}": f"Everybody in {dataset.name}"} for dataset in datasets}


def choose(job, form):
    """Set the place, and the tracking when the user chose one; else a new list brings its own."""
    kind, _, number = form.place.data.partition("-")
    place = find({"list": HostedList, "dataset": Dataset}[kind], int(number))
    dataset, list = (place.dataset, place) if kind == "list" else (place, None)
    before = job.tracking
    audience.choose(job, dataset, list, current_user, seen(form))
    if form.tracking.data != before:
        jobs.change(job, current_user, tracking=form.tracking.data)


@bp.get("/jobs/<int:job_id>/recipients/<any(all, left, unconfirmed, suppressed, resting, audience):part>")
@needs("job.recipients")
def job_people(job_id, part):
    """The people behind one number of the funnel."""
    job = find(MailJob, job_id)
    if not job.dataset:
        raise NotFound("This job has no recipients yet.")
    total = funnel.size(job, part)
    paging = web.paging(total)
    return render_template("admin/jobs/people.html", job=job, part=part, title=PARTS[part], total=total, pages=paging,
                           people=funnel.page(job, part, paging.offset, paging.limit), whole=job_words.place(job))
