"""A job's message as somebody would see it: in the editor's preview, and in the recipient's browser."""

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from maestro.content.message import Preview
from maestro.extensions import db
from maestro.lib.errors import NotFound, Refused
from maestro.lib.secrets import derive
from maestro.mailing import audience, compose, trial
from maestro.models import MailJob, Recipient

AGE = 600                                          # seconds for which a preview's link is good


def signer():
    return URLSafeTimedSerializer(derive(current_app.extensions["maestro"].SECRET_KEY, "preview"))


def link(job, member_id=None, kind="html"):
    """The address of a preview frame on the content origin."""
    token = signer().dumps([job.id, member_id, kind])
    return f"{current_app.extensions['maestro'].content_url}/preview/{token}"


def by_token(token):
    """The parts and the kind that a preview's link stands for. Raises NotFound."""
    try:
        job_id, member_id, kind = signer().loads(token, max_age=AGE)
    except BadData:
        raise NotFound("This preview is over.") from None
    return as_person(db.session.get(MailJob, job_id), member_id), kind


def as_person(job, member_id=None):
    """The message merged for one person; an error of the content stands where the message would."""
    row = trial.stand_in(job, member_id)
    try:
        return compose.compiled(job).render_parts(compose.values(job, row), compose.as_person(job, row))
    except Refused as problem:
        return Preview(job.subject, "", f"This message cannot be shown yet.\n\n{problem.sentence}")


def of_recipient(job_id, number):
    """The message of one line of the ledger. Raises NotFound when the person is not stored any more."""
    job, line = db.session.get(MailJob, job_id), db.session.get(Recipient, (job_id, number))
    row = line and audience.person(job, line.member_id)
    if not row:
        raise NotFound("This message is not kept any more.")
    person = compose.as_person(job, row, number, line.subscription_id)
    return compose.compiled(job).render_parts(compose.values(job, row), person)
