"""A job's settings and a person, as the tests of content know them."""

from datetime import date
from email.parser import BytesParser
from email.policy import default

from maestro.content.language.words import Words
from maestro.content.message import Delivery, Parts, Settings, compile_message
from maestro.lib.tokens import Maker
from tests.parts.corpora import naughty_strings

NAUGHTY = naughty_strings()
FIELDS = {"first": "text", "last": "text", "city": "text", "points": "number", "joined": "date", "gold": "yesno",
          "url": "text", "copy": "text", "address": "text"}
TODAY = date(2026, 11, 22)
WORDS = Words(FIELDS, today=TODAY, texts={"jobid": "261122A", "listname": "Offers",
                                          "senderaddress": "Fern Ltd\nBristol"})
MAKER = Maker("0" * 64)
ANN = Delivery("ann@example.org", 5, b"Sun, 22 Nov 2026 09:00:00 +0000", job=7, unsubscribe=(9, 0), profile=(4, 2),
               reader=11)
FOOTER = '<a href="{{*UnsubscribeURL}}">Unsubscribe</a> {{*SenderAddress}}'


def settings(**changes):
    return Settings(**{
        "fields": FIELDS, "from_address": "news@example.org", "from_name": "Fern Ltd",
        "public_url": "https://m.example.org",
        "job_code": "261122A", "job_number": 7, "group_number": 2, "list_number": 3, "list_name": "Offers",
        "list_slug": "offers", "list_host": "lists.example.org", "postal_address": "Fern Ltd\nBristol",
        "sender_id": "fern1",
        "bounce_domain": "bounce.example.org", "today": TODAY, **changes})


def compiled(html="", text="", subject="News", **changes):
    return compile_message(Parts(subject, html, text), settings(**changes), MAKER)


def shown(html="", values=None, text="", subject="News", person=ANN, **changes):
    """The preview of a message for a person with `values`."""
    return compiled(html, text, subject, **changes).render_parts(values or {}, person)


def read(raw):
    """A message as the standard library reads it."""
    return BytesParser(policy=default).parsebytes(raw)


def body(part):
    return part.get_content().replace("\r\n", "\n")
