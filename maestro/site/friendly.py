"""The mail that a friend gets: the forwarded message with a few words before it, and a way to get no more of them."""

import re

from flask import render_template

from maestro.lib import headers, letters
from maestro.lib.tongues import gettext as _
from maestro.mailing import compose, neutral

SUBJECT = 200                                      # characters

_body = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


def parts(job, name, note, refusal):
    """(subject, html, text) as the friend reads them. Personal links of the message lead to the page to sign up."""
    joining = compose.frame(job).subscribe_url
    found = neutral.rendered(job, {"u": refusal, "p": joining, "f": joining, "v": joining})
    told = {"name": name, "note": note, "refusal": refusal, "joining": joining, "list": job.list or job.dataset}
    subject = _("%(name)s recommends: %(subject)s", name=name, subject=found.subject)[:SUBJECT]
    html = found.html and inserted(found.html, render_template("mail/forward.html", **told))
    return subject, html, render_template("mail/forward.txt", **told) + "\n" + found.text


def inserted(html, before):
    """`before` as the first thing of the message's body."""
    start = _body.search(html)
    at = start.end() if start else 0
    return html[:at] + before + html[at:]


def letter(job, to, name, note, refusal):
    """The finished message, from the list's own address."""
    subject, html, text = parts(job, name, note, refusal)
    extra = [headers.structured("List-Unsubscribe", f"<{refusal}>"),
             headers.structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
             headers.structured("Precedence", "bulk")]
    return letters.letter(to, job.from_address, job.from_name, subject, text, html, extra)
