"""Mails that we write ourselves, to users. Each is finished here and only put into the table of single messages."""

from email.utils import format_datetime, make_msgid

from flask import render_template

from maestro.extensions import db
from maestro.lib import clock, headers, quoted
from maestro.models import Post

BODY = (b"Auto-Submitted: auto-generated\r\n", b"MIME-Version: 1.0\r\n", b"Content-Type: text/plain; charset=utf-8\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n")


def password_link(user, link, minutes, sender):
    """The link by which a user sets a password."""
    post(user, sender, "password", "Set your password for Maestro",
         render_template("mail/password.txt", name=user.name, link=link, minutes=minutes))


def password_changed(user, sender):
    """Tells the owner, who may not have done it."""
    post(user, sender, "password_changed", "Your password for Maestro was changed",
         render_template("mail/password_changed.txt", name=user.name, at=clock.now()))


def import_stopped(user, importer, run, sender):
    """An importer's run failed, or waits for somebody to look at it."""
    word = "needs a decision" if run.state == "needs_review" else "failed"
    post(user, sender, "import", f"The importer “{importer.name}” {word}",
         render_template("mail/import_stopped.txt", importer=importer, run=run))


def writeback_stopped(user, writeback, sender):
    """A write-back stands still at a statement that failed."""
    post(user, sender, "writeback", f"The write-back to “{writeback.connection.name}” stands still",
         render_template("mail/writeback_stopped.txt", writeback=writeback))


def post(user, sender, kind, subject, text):
    """Store one message of plain text for a worker to send."""
    now = clock.now()
    db.session.add(Post(group_id=user.group_id, kind=kind, address=user.email, sender=sender, next_at=now,
                        raw=message(user.email, sender, subject, text, now)))
    db.session.flush()


def message(to, sender, subject, text, now):
    """A finished message of plain text (RFC 5322)."""
    head = headers.block([
        f"Date: {format_datetime(now)}\r\n".encode(),
        headers.mailbox("From", "Maestro", sender),
        headers.mailbox("To", "", to),
        headers.unstructured("Subject", subject),
        headers.structured("Message-ID", make_msgid(domain=sender.rpartition("@")[2])),
        *BODY,
    ])
    return head + b"\r\n" + quoted.encode(quoted.clean(text))
