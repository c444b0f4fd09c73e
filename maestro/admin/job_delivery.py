"""When a job goes out, and the last look before it does."""

from datetime import datetime

from flask import flash, render_template, request
from flask_login import current_user

from maestro.accounts import settings
from maestro.admin import counted, job_pane, job_steps, job_words
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.jobs import DeliveryForm, SendForm
from maestro.admin.job_content import seen
from maestro.lib import clock, whole
from maestro.lib.errors import Refused
from maestro.lib.wording import plural
from maestro.mailing import authorise, caution, jobs, preflight
from maestro.models import MailJob

GROWN = 1.01                                       # times what the page showed: beyond, it must be looked at again


@bp.route("/jobs/<int:job_id>/delivery", methods=["GET", "POST"])
@needs("job.edit")
def job_delivery(job_id):
    job = find(MailJob, job_id)
    wall = clock.local(job.due_at, job.zone) if job.due_at else None
    form = DeliveryForm(obj=job, date=wall and f"{wall:%Y-%m-%d}", time=wall and f"{wall:%H:%M}")
    if form.validate_on_submit():
        with refusals(form):
            at = moment(form) if form.delivery.data == "at" else None
            jobs.plan(job, form.delivery.data, current_user, at=at, zone=form.zone.data)
            return go(".job_send", job_id=job_id)
    return render_template("admin/jobs/delivery.html", form=form, job=job, steps=job_steps.of(job), now=clock.now(),
                           grace=settings.get("grace"), words=job_words), 422 if form.errors else 200


def moment(form):
    """The time that the form means, on the clocks of its zone."""
    try:
        wall = datetime.fromisoformat(f"{form.date.data} {form.time.data}")
    except ValueError:
        raise Refused("Give a day and a time.", "date") from None
    at = clock.instant(wall, form.zone.data)
    if at <= clock.now():
        raise Refused("This time is over already. Choose a later one.", "date")
    return at


@bp.get("/jobs/<int:job_id>/send")
@needs("job.edit")
def job_send(job_id):
    """Everybody who writes may look; the button is for those who may send."""
    job = find(MailJob, job_id)
    count = counted.anew if "again" in request.args else counted.recent
    return render_send(job, SendForm(formdata=None, version=job.version), count)


def render_send(job, form, count):
    funnel = count(job) if job.dataset else None
    checks = preflight.checklist(job, funnel)
    people = funnel.audience if funnel else 0
    return render_template(
        "admin/jobs/send.html", form=form, job=job, steps=job_steps.of(job), people=people, checks=checked(job, checks),
        is_ready=all(item.state != "bad" for item in checks), reason=caution.reason(job, people) if people else None,
        facts=job_pane.facts(job), grace=settings.get("grace"), starts=starts(job), funnel=funnel)


def checked(job, checks):
    return [(item.state, item.sentence, *job_pane.fix(job, item)) for item in checks]


def starts(job):
    """What happens after the button, in words."""
    if job.delivery == "at" and job.due_at:
        return f"It will start on {job_words.in_zone(job.due_at, job.zone)}. You can revoke until then."
    if job.delivery == "triggered":
        return "It waits until it is triggered. You can revoke until then."
    grace = settings.get("grace")
    if not grace:
        return "It starts as soon as you press the button."
    return f"It starts {plural(grace, 'second', 'seconds')} after you press the button. Until then you can undo it."


@bp.post("/jobs/<int:job_id>/go")
@needs("job.send")
def job_go(job_id):
    job, form = find(MailJob, job_id), SendForm()
    with refusals(form):
        confirm(job, form)
        authorise.authorise(job, job.delivery, current_user, at=job.due_at, zone=job.zone, version=seen(form))
        return go(".job", None if job_words.until(job) else "The job is authorised.", job_id=job_id)
    flash(" ".join([*form.form_errors, *form.typed.errors]), "bad")
    return render_send(find(MailJob, job_id), form, counted.anew), 422


def confirm(job, form):
    """The number of people that the user saw still holds, and was typed where it is large."""
    people = counted.anew(job).audience if job.dataset else 0
    shown = whole.number(form.people.data) or 0
    if people > GROWN * shown:
        more = plural(people, "person", "people")
        raise Refused(f"Meanwhile {more} would get it, not {shown:,}. Look at the numbers again.")
    typed = "".join(letter for letter in form.typed.data or "" if letter.isdigit())
    if caution.reason(job, people) and typed != str(shown):
        raise Refused(f"Type the number of people, {shown}, to make sure.", "typed")
