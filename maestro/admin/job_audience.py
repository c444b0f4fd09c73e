"""To whom a job goes, and how that number comes about: each with its people."""

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import select

from maestro.admin import counted, job_steps, job_words
from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms import targets as inputs
from maestro.admin.forms.jobs import AudienceForm
from maestro.admin.job_content import seen
from maestro.extensions import db
from maestro.lib import web
from maestro.lib.errors import NotFound
from maestro.mailing import audience, funnel, jobs
from maestro.models import Dataset, HostedList, Importer, MailJob, TargetGroup
from maestro.warehouse import questions, targets

PARTS = {"all": "Everybody", "left": "Left", "unconfirmed": "Waiting for confirmation",
         "resting": "Pausing, or had their mail lately",
         "suppressed": "Must not get mail", "audience": "Will get it"}


@bp.route("/jobs/<int:job_id>/recipients", methods=["GET", "POST"])
@needs("job.audience")
def job_audience(job_id):
    job = find(MailJob, job_id)
    asked = asked_of(job)
    form = AudienceForm(place=chosen(job), tracking=job.tracking, version=job.version)
    form.place.choices = places()
    if form.validate_on_submit():
        with refusals(form):
            choose(job, form, asked)
            return go(".job_test" if request.form.get("go") else ".job_audience", "Saved.", job_id=job_id)
    count = counted.anew if "again" in request.args else counted.recent
    return render_template("admin/jobs/audience.html", form=form, job=job, steps=job_steps.of(job),
                           whole=job_words.place(job), asked=asked, takes=questions.takes, types=types(job),
                           choices={field.name: field.choices for field in audience.known(job)},
                           funnel=count(job) if job.dataset else None), 422 if form.errors else 200


def chosen(job):
    """The choice of the select that a job's recipients are."""
    if not job.dataset_id:
        return ""
    if job.target_id:
        return f"target-{job.target_id}"
    if job.importer_id:
        return f"importer-{job.importer_id}"
    return f"list-{job.list_id}" if job.list_id else f"dataset-{job.dataset_id}"


def places():
    """The lists and datasets that the user sees, by dataset, as WTForms has option groups."""
    datasets = db.session.scalars(visible(Dataset).order_by(Dataset.name)).all()
    return {
        dataset.name: {f"list-{list.id}": list.name for list in dataset.lists}
        | {f"dataset-{dataset.id}": f"Everybody in {dataset.name}"} | parts(dataset) for dataset in datasets}


def parts(dataset):
    """The target groups, segments and importers in use, as choices."""
    groups = {f"target-{target.id}": f"{target.name} (of {target.list.name if target.list else 'everybody'})"
              for target in targets.of(dataset) if target.enabled}
    kept = db.session.scalars(select(Importer).where(Importer.dataset_id == dataset.id, Importer.enabled))
    return groups | {f"importer-{importer.id}": f"Brought or changed by the last run of {importer.name} "
                     f"(of {importer.list.name if importer.list else 'everybody'})" for importer in kept}


def types(job):
    return {"address": "text"} | {field.name: field.type for field in audience.known(job)}


def asked_of(job):
    """The parameters of the job's target group: [(label, question with the value as it is for this job)]."""
    asked = questions.asked(job.target.condition) if job.target else {}
    return [(label, part | {"given": job.target_values.get(label, part.get("given"))}) for label, part in asked.items()]


KINDS = {"list": HostedList, "dataset": Dataset, "target": TargetGroup, "importer": Importer}


def choose(job, form, asked):
    """Set the place, and the tracking when the user chose one; else a new list brings its own."""
    kind, _, number = form.place.data.partition("-")
    place = find(KINDS[kind], int(number))
    dataset, list = {"list": lambda: (place.dataset, place), "dataset": lambda: (place, None)}.get(
        kind, lambda: (place.dataset, place.list))()
    target, importer = (place if kind == wanted else None for wanted in ("target", "importer"))
    same = target is not None and target.id == job.target_id
    before = job.tracking
    audience.choose(job, dataset, list, current_user, seen(form), target, given(job, asked) if same else {},
                    importer)
    if form.tracking.data != before:
        jobs.change(job, current_user, tracking=form.tracking.data)


def given(job, asked):
    """What the page says for the parameters of the target group, by label."""
    known = types(job)
    texts = [request.form.getlist(f"p{number}.given") for number in range(len(asked))]
    return {label: inputs.fitted(part["field"], part["word"], text, "", known)["given"]
            for (label, part), text in zip(asked, texts, strict=True) if part["field"] in known}


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
