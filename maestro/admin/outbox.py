"""The Outbox: mails that stayed on this machine, as a mailbox."""

from types import SimpleNamespace

from flask import render_template, request, url_for
from flask_login import current_user

from maestro import audit
from maestro.admin.door import bp, find, go, needs, visible
from maestro.delivery import outbox as kept
from maestro.extensions import db
from maestro.lib import web
from maestro.lib.mails import Mail
from maestro.lib.wording import plural
from maestro.mailing import preview
from maestro.models import MailJob, OutboxMessage

SIZE = 50
VIEWS = ("html", "text", "headers", "links", "source")


@bp.get("/outbox")
@needs("outbox.see")
def outbox():
    search, job_id = request.args.get("q", "").strip(), request.args.get("job", type=int)
    job = find(MailJob, job_id) if job_id else None
    found = kept.page(current_user.group_id, job_id, search, number=request.args.get("page", 1, type=int), size=SIZE)
    titles = named({row.job_id for row in found.rows})
    return render_template(
        "admin/outbox/index.html", q=search, job=job, pages=web.paging(found.total, SIZE),
        total=kept.page(current_user.group_id, size=1).total, messages=[line(row, titles) for row in found.rows])


def named(numbers):
    """The titles of jobs by number."""
    mine = visible(MailJob).where(MailJob.id.in_(numbers - {None}))
    return dict(db.session.execute(mine.with_only_columns(MailJob.id, MailJob.title)).all())


def line(row, titles):
    title = titles.get(row.job_id)
    return SimpleNamespace(id=row.id, address=row.address, subject=row.subject, at=row.created_at, job=title,
                           job_url=title and url_for(".job", job_id=row.job_id))


@bp.get("/outbox/<int:message_id>")
@needs("outbox.see")
def outbox_message(message_id):
    row = find(OutboxMessage, message_id)
    mail, tab = Mail(kept.read(row)), request.args.get("tab")
    shown = line(row, named({row.job_id}))
    shown.__dict__.update(
        size=len(mail.raw), sender=str(mail.message.get("From", "")), text=mail.text, source=mail.source,
        headers=mail.headers, links=mail.links, attachments=mail.attachments,
        frame_url=preview.link("kept", row.id) if mail.html else None)
    tab = tab if tab in VIEWS else VIEWS[not mail.html]
    return render_template("admin/outbox/message.html", message=shown, tab=tab, newer=beside(row, newer=True),
                           older=beside(row, newer=False))


def beside(row, newer):
    """The address of the next mail in one direction, or None."""
    mine = visible(OutboxMessage).with_only_columns(OutboxMessage.id)
    near = mine.where(OutboxMessage.id > row.id).order_by(OutboxMessage.id) if newer else (
        mine.where(OutboxMessage.id < row.id).order_by(OutboxMessage.id.desc()))
    number = db.session.scalar(near.limit(1))
    return number and url_for(".outbox_message", message_id=number)


@bp.get("/outbox/<int:message_id>.eml")
@needs("outbox.see")
def outbox_download(message_id):
    row = find(OutboxMessage, message_id)
    return web.download([kept.read(row)], f"maestro-{row.id}.eml", "message/rfc822")


@bp.post("/outbox/clear")
@needs("outbox.clear")
def outbox_clear():
    cleared = kept.clear(current_user.group_id)
    audit.record("outbox.clear", None, current_user, messages=cleared)
    return go(".outbox", f"{plural(cleared, 'mail', 'mails')} deleted.")
