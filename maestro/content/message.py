"""A job's message: compiled once from its sources, then built for each recipient by filling slots."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from maestro.content import checks
from maestro.content.draft import Draft
from maestro.content.heading import SUBJECT, Heading
from maestro.content.language.compile import PLAIN, QUOTED, Template
from maestro.content.language.nodes import OUTPUT, RenderError
from maestro.content.language.run import Run
from maestro.lib import headers

PART = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"


@dataclass(frozen=True)
class Parts:
    """The sources. Without a text one is made from the HTML."""

    subject: str = ""
    html: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a message needs to know besides its sources; the same for all recipients."""

    fields: dict                          # name: type, of the merge fields
    from_address: str
    public_url: str
    job_code: str                         # the Job ID, 261122A
    dropins: dict = field(default_factory=dict)
    from_name: str = ""
    reply_to: str = ""
    bounce_domain: str = ""               # takes unsubscribing by mail; empty: by link only
    job_number: int = 0
    group_number: int = 0
    list_number: int = 0
    list_name: str = ""
    list_slug: str = "list"
    list_host: str = "localhost"
    postal_address: str = ""
    owner_address: str = ""               # empty: the sender's
    help_url: str = ""
    sender_id: str = ""                   # 5 to 15 characters, fixed per installation
    today: date = date(1970, 1, 1)        # for conditions and {{*Date}}
    opens: bool = False
    clicks: bool = False
    to_list: bool = True
    subscribe_url: str = ""               # where {{*SubscribeURL}} leads; empty: to the front page
    links_before: int = 0                 # links of an earlier delivery of the job: the numbers go on after them
    precedence: bool = True


@dataclass(frozen=True)
class Delivery:
    """One recipient: who, and the ids that the tokens of the message carry."""

    address: str
    number: int                           # in the job's ledger
    date: bytes                           # as RFC 5322 writes it
    name: str = ""
    job: int = 0
    unsubscribe: tuple = (0, 0)           # id and epoch
    profile: tuple = (0, 0)
    reader: int = 0                       # whom opens and clicks name


class Preview(NamedTuple):
    """A finished message as a person reads it."""

    subject: str
    html: str
    text: str


def check(parts, settings):
    """Everything that is wrong or doubtful: errors, warnings, fields, links (content.checks.Check)."""
    return checks.judge(Draft(parts, settings), parts)


def compile_message(parts, settings, maker):
    """The message of `parts`, its tokens to be made by `maker`. Raises the first MergeError."""
    draft = Draft(parts, settings)
    if draft.errors:
        raise draft.errors[0]
    return Compiled(draft, settings, maker)


class Compiled:
    """A message ready to be built for anybody."""

    def __init__(self, draft, settings, maker):
        self.settings, self.maker = settings, maker
        self.links = tuple(draft.register.links)
        self.fields = draft.fields
        self.subject = Template(draft.subject, PLAIN)
        self.preview = Template(draft.html, PLAIN), Template(draft.text, PLAIN)
        self.html = Template(draft.html, QUOTED) if draft.html else None
        self.text = Template(draft.text, QUOTED)
        self.heading = Heading(settings, self.framed() if self.html else PART % b"plain")

    def framed(self):
        """Makes what stands around the two parts; answers with the Content-Type of the whole.

        No line of a quoted-printable body begins with the boundary: its `=_` cannot occur there.
        """
        boundary = f"=_{secrets.token_hex(12)}".encode()
        self.before = b"--%b\r\n%b\r\n" % (boundary, PART % b"plain")
        self.between = b"\r\n--%b\r\n%b\r\n" % (boundary, PART % b"html")
        self.after = b"\r\n--%b--\r\n" % boundary
        return b'Content-Type: multipart/alternative; boundary="%b"\r\n' % boundary

    def render(self, values, person):
        """The whole message (RFC 5322), with CRLF line ends. Raises RenderError."""
        run = Run(values, person, self.maker, self.settings.today)
        head = self.heading.render(run, self.subject.render(run))
        text = self.text.render(run)
        html = self.html.render(run) if self.html else b""
        if len(head) > headers.TOTAL or len(text) > OUTPUT or len(html) > OUTPUT:
            raise RenderError("With this person's values the message becomes too large.")
        if not self.html:
            return b"".join((head, b"\r\n", text, b"\r\n"))
        return b"".join((head, b"\r\n", self.before, text, self.between, html, self.after))

    def render_parts(self, values, person):
        """The same message as a person reads it, for previews and the view in the browser."""
        run = Run(values, person, self.maker, self.settings.today)
        html, text = (template.render(run) for template in self.preview)
        return Preview(headers.clean(self.subject.render(run)[:SUBJECT]), html, text)
