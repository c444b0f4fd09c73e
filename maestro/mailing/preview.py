"""A job's message as somebody would see it: in a preview, in the recipient's browser, in the Outbox."""

from flask import current_app
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from maestro.content.message import Preview, compile_message
from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import NotFound, Refused
from maestro.lib.mails import Mail
from maestro.lib.secrets import derive
from maestro.lib.tongues import gettext as _
from maestro.mailing import audience, compose
from maestro.models import MailJob, OutboxMessage, Recipient

AGE = 600                                          # seconds for which a preview's link is good


class Signer(TimestampSigner):
    """Signs with our own clock."""

    def get_timestamp(self):
        return int(clock.now().timestamp())


def signer():
    key = derive(current_app.extensions["maestro"].SECRET_KEY, "preview")
    return URLSafeTimedSerializer(key, signer=Signer)


def link(what, number, detail=None):
    """The address of a frame on the content origin: of ("job", id, member) or ("kept", id of an Outbox message)."""
    token = signer().dumps([what, number, detail])
    return f"{current_app.extensions['maestro'].content_url}/preview/{token}"


def by_token(token):
    """The parts that a frame's link stands for. Raises NotFound."""
    try:
        what, number, detail = signer().loads(token, max_age=AGE)
    except BadData:
        raise NotFound(_("This preview is over. Load the page that shows it again.")) from None
    return FRAMES[what](number, detail)


def of_job(number, member_id):
    job = db.session.get(MailJob, number)
    if not job:
        raise NotFound(_("This job is gone."))
    return as_person(job, member_id)


def as_person(job, member_id=None):
    """The message merged for one person; an error of the content stands where the message would."""
    row = audience.stand_in(job, member_id)
    try:
        message = compile_message(compose.sources(job), compose.untracked(job), compose.maker())
        return message.render_parts(compose.values(job, row), compose.shown_to(job, row))
    except Refused as problem:
        return Preview(job.subject, "", f"This message cannot be shown yet.\n\n{problem.sentence}\n")


def of_kept(number, _detail):
    """The HTML and text of a message in the Outbox, as a mail program would show them."""
    kept = db.session.get(OutboxMessage, number)
    if not kept:
        raise NotFound(_("This mail is not kept any more."))
    mail = Mail(outbox.read(kept))
    return Preview(kept.subject, mail.html, mail.text)


def of_recipient(job_id, number):
    """The message of one line of the ledger. Raises NotFound when the person is not stored any more."""
    job, line = db.session.get(MailJob, job_id), db.session.get(Recipient, (job_id, number))
    row = line and audience.person(job, line.member_id)
    if not row:
        raise NotFound(_("This message is not kept any more."))
    person = compose.sent_to(job, row, number, line.subscription_id)
    return compose.compiled(job).render_parts(compose.values(job, row), person)


FRAMES = {"job": of_job, "kept": of_kept}
