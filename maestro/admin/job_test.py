"""Test deliveries: to a few addresses, as a chosen person, and accepted by somebody who looked."""

import re

from flask import render_template, request
from flask_login import current_user

from maestro.admin import job_pane, job_steps
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.jobs import TrialForm
from maestro.lib import whole
from maestro.lib.wording import plural
from maestro.mailing import audience, journal, trial
from maestro.models import MailJob


@bp.route("/jobs/<int:job_id>/test", methods=["GET", "POST"])
@needs("job.test")
def job_test(job_id):
    job = find(MailJob, job_id)
    form = TrialForm(to=current_user.email, person=request.args.get("person", ""))
    if form.validate_on_submit():
        with refusals(form):
            to = [word for word in re.split(r"[\s,;]+", form.to.data) if word]
            person = whole.number(form.person.data)
            trial.send(job, to, by=current_user, member_id=person)
            said = f"The test is on its way to {plural(len(to), 'address', 'addresses')}."
            return go(".job_test", said, job_id=job_id)
    return render_template(
        "admin/jobs/test.html", form=form, job=job, steps=job_steps.of(job), last=journal.last(job, "test"),
        is_tested=job.tested_version == job.version, is_accepted=job.accepted_version == job.version,
        search=request.args.get("as", ""), persons=people(job)), 422 if form.errors else 200


def people(job):
    """Whom the test may be merged for: the first of the audience who match what is looked for."""
    found = audience.sample(job, request.args.get("as", "")) if job.dataset else []
    return [(row["id"], job_pane.label(row)) for row in found]


@bp.post("/jobs/<int:job_id>/accept")
@needs("job.test")
def job_accept(job_id):
    trial.accept(find(MailJob, job_id), by=current_user)
    return go(".job_delivery", "The test is accepted.", job_id=job_id)
