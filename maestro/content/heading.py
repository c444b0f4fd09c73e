"""The headers of a campaign's message, in the order in which they go out."""

import re

from maestro.lib import addresses, headers
from maestro.lib.headers import HeaderError

SUBJECT = 250                 # characters of a finished subject

_word = re.compile(r"[A-Za-z0-9_-]+")


class Heading:
    """What is the same for all recipients is written and checked once; the rest is filled in."""

    def __init__(self, settings, content_type):
        sender = addresses.judge(settings.from_address)
        if not _word.fullmatch(settings.job_code):
            raise HeaderError(f"{settings.job_code!r} cannot be a Job ID.")
        lists = settings.to_list
        self.sender = b"".join(sending(settings, sender))
        self.content = b"MIME-Version: 1.0\r\n" + content_type + (list_id(settings) if lists else b"")
        self.closing = b"".join([*(listing(settings, sender) if lists else ()), *closing(settings)])
        self.message_end = f"@{sender.domain}>\r\n"
        self.job_code = settings.job_code
        self.unsubscribe = f"<{settings.public_url}/u/" if lists else ""
        self.bounce = settings.bounce_domain
        headers.structured("List-Unsubscribe", f"<{settings.public_url}/u/TOKEN>",
                           f"<mailto:u-TOKEN@{self.bounce or 'example.org'}>")

    def render(self, run, subject):
        """All header lines for one recipient."""
        person = run.person
        return b"".join((
            b"Date: ", person.date, b"\r\n", self.sender, headers.mailbox("To", person.name, person.address),
            headers.unstructured("Subject", subject[:SUBJECT]), self.message_id(run), self.content,
            self.unsubscribing(run), self.closing))

    def message_id(self, run):
        """The recipient's number, the job and part of a MAC, so that nobody guesses it: the same at every attempt."""
        return f"Message-ID: <{run.person.number:x}.{self.job_code}.{run.token('b')[-8:]}{self.message_end}".encode()

    def unsubscribing(self, run):
        if not self.unsubscribe:
            return b""
        token = run.token("u")
        mailto = f",\r\n <mailto:u-{token}@{self.bounce}?subject=unsubscribe>" if self.bounce else ""
        return f"List-Unsubscribe: {self.unsubscribe}{token}>{mailto}\r\n".encode()


def sending(settings, sender):
    yield headers.mailbox("From", settings.from_name, written(sender))
    if settings.reply_to:
        yield headers.mailbox("Reply-To", "", written(addresses.judge(settings.reply_to)))


def written(address):
    """An address as given, its domain as A-labels."""
    return f"{address.given.rpartition('@')[0]}@{address.domain}"


def list_id(settings):
    return headers.named("List-Id", settings.list_name or settings.list_slug,
                         f"{settings.list_slug}.{settings.list_host}")


def listing(settings, sender):
    yield headers.structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    yield headers.structured("List-Help", f"<{settings.help_url or settings.public_url + '/'}>")
    yield headers.structured("List-Owner", f"<mailto:{settings.owner_address or written(sender)}>")
    yield headers.structured("List-Post", "NO")


def closing(settings):
    if settings.sender_id:
        yield headers.structured("Feedback-ID", f"j{settings.job_number}:l{settings.list_number}:"
                                                f"g{settings.group_number}:{settings.sender_id}")
    if settings.precedence:
        yield headers.structured("Precedence", "bulk")
    yield headers.structured("X-Auto-Response-Suppress", "OOF", "AutoReply")
