"""A single finished message (RFC 5322) of plain text, with HTML beside it where there is some."""

import secrets
from email.utils import format_datetime, make_msgid

from maestro.lib import clock, headers, quoted

KINDS = (b"plain", b"html")
PART = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"


def letter(to, sender, sender_name, subject, text, html="", extra=()):
    """The bytes of a message of ours. `extra`: more header lines, as lib/headers makes them."""
    kind, body = multipart(text, html) if html else (PART % b"plain", encoded(text))
    head = headers.block([
        f"Date: {format_datetime(clock.now())}\r\n".encode(),
        headers.mailbox("From", sender_name, sender),
        headers.mailbox("To", "", to),
        headers.unstructured("Subject", headers.clean(subject)),
        headers.structured("Message-ID", make_msgid(domain=sender.rpartition("@")[2])),
        b"Auto-Submitted: auto-generated\r\n", b"MIME-Version: 1.0\r\n", *extra])
    return head + kind + b"\r\n" + body + b"\r\n"


def encoded(text):
    return quoted.encode(quoted.clean(text))


def multipart(text, html):
    """(header lines, body) of both parts. The boundary's `=_` cannot occur in quoted-printable."""
    boundary = f"=_{secrets.token_hex(12)}".encode()
    parts = [b"--%b\r\n%b\r\n%b\r\n" % (boundary, PART % kind, encoded(part))
             for kind, part in zip(KINDS, (text, html), strict=True)]
    kind = b'Content-Type: multipart/alternative; boundary="%b"\r\n' % boundary
    return kind, b"".join([*parts, b"--%b--" % boundary])
