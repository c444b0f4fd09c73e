"""Writing a job: subject, sender, HTML and text part, with what the content language says about them."""

from types import SimpleNamespace

from flask import g, render_template, request, url_for
from flask_login import current_user

from maestro.admin import job_pane, job_steps
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.jobs import ContentForm
from maestro.lib import whole
from maestro.lib.wording import when
from maestro.mailing import audience, compose, jobs, journal, preflight
from maestro.models import MailJob

PARTS = ("subject", "from_name", "from_address", "reply_to", "html", "text")
CUT = 102_000                                      # bytes of HTML after which Gmail cuts a mail, as senders measured it
LINKS = [(label, f'<a href="{code}">{label}</a>', code) for label, code in (
    ("Unsubscribe", "{{*UnsubscribeURL}}"), ("View in browser", "{{*ViewInBrowserURL}}"))]
TEXTS = [("Postal address", "{{*SenderAddress}}"), ("Name of the list", "{{*ListName}}"), ("Job ID", "{{*JobID}}")]
NEXT = {"audience": ".job_audience", "test": ".job_test"}


@bp.route("/jobs/<int:job_id>/content", methods=["GET", "POST"])
@needs("job.edit")
def job_content(job_id):
    job = find(MailJob, job_id)
    form, conflict = ContentForm(obj=job), None
    if form.validate_on_submit():
        with refusals(form):
            try:
                jobs.change(job, current_user, seen(form), **{name: form[name].data or "" for name in PARTS})
                return go(NEXT.get(request.form.get("go"), ".job_content"), "Saved.", job_id=job_id)
            except jobs.Stale:
                conflict = differing(job, form)
                form.version.raw_data, form.version.data = None, job.version
    return render_template(
        "admin/jobs/content.html", form=form, job=job, steps=job_steps.of(job), conflict=conflict, found=said(job),
        offer=offer(job), **job_pane.previewed(job)), 409 if conflict else 422 if form.errors else 200


def seen(form):
    """The version that was loaded with the form; none when the form does not say."""
    return whole.number(form.version.data)


def differing(job, form):
    """Who changed the job meanwhile, when, and to what where the user has something else."""
    entry = journal.last(job, "change")
    other = [name for name in PARTS if getattr(job, name) != plain(form[name].data)]
    return SimpleNamespace(actor=entry.actor, at=when(entry.created_at, g.zone),
                           theirs=[(form[name].label.text, getattr(job, name)) for name in other])


def plain(text):
    return (text or "").replace("\r\n", "\n")


def said(job):
    """What the content language says about the job as it is stored."""
    check = compose.examine(job)
    errors = [(preflight.located(error), f"{error.field}:{error.line}:{error.column}") for error in check.errors]
    return SimpleNamespace(errors=errors, warnings=check.warnings, bytes=check.html_bytes, cut=CUT,
                           links=len(check.links))


def offer(job):
    """What can be put in by a click: the job's fields, links and texts of the system, and blocks for birthdays."""
    fields = [SimpleNamespace(name=field.name, label=field.label, type=field.type) for field in audience.known(job)]
    fields.append(SimpleNamespace(name="address", label="E-mail address", type="text"))
    for field in fields:
        field.code, field.with_fallback = f"{{{{{field.name}}}}}", f"{{{{{field.name}|?}}}}"
    return SimpleNamespace(fields=fields, dates=[field for field in fields if field.type == "date"], links=LINKS,
                           texts=TEXTS, choose_url=None if job.dataset else url_for(".job_audience", job_id=job.id))
