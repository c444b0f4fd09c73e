"""Sender and recipient of one message, as SMTP names them."""

import re
from typing import NamedTuple

UNSAFE = re.compile(r"[\x00-\x20<>\x7f]")          # would end the path or the command


class Envelope(NamedTuple):
    sender: str                                    # "": bounces go nowhere
    recipient: str
    size: int                                      # bytes of the message

    def objection(self, session):
        """Why this cannot be said to the server of `session`, "" when it can."""
        if UNSAFE.search(self.sender) or UNSAFE.search(self.recipient) or not self.recipient:
            return "The address has characters that no mail server takes."
        if not self.plain and not session.international:
            return "The mail server does not take addresses with letters beyond ASCII."
        if session.largest and self.size > session.largest:
            return f"The message has {self.size:,} bytes; the mail server takes {session.largest:,}."
        return ""

    @property
    def plain(self):
        return self.sender.isascii() and self.recipient.isascii()

    def commands(self, session):
        """MAIL FROM, RCPT TO and DATA, ready for the wire."""
        size = f" SIZE={self.size}" if session.sized else ""
        letters = "" if self.plain else " SMTPUTF8"
        return (f"MAIL FROM:<{self.sender}>{size}{letters}\r\n".encode(), f"RCPT TO:<{self.recipient}>\r\n".encode(),
                b"DATA\r\n")


def stuffed(raw):
    """A message of any origin as SMTP carries it: lines end in CRLF, a dot in front is doubled (RFC 5321, 4.5.2)."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
