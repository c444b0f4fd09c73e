"""How long it takes to build one person's message, beside the standard library building the same one."""

import random
import time
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

from bench.table import Row
from maestro.content.message import Delivery, Parts, Settings, compile_message
from maestro.lib.tokens import Maker

PEOPLE = 2000
ROUNDS = 7
LINKS = 12
NAMES = ("first", "last", "city", "plan", "street", "tariff", "agent", "branch", "contract")
VALUES = ("Ann", "Zoë", "O'Hara", "Köln", "New York", "R&D", "basic")
WORDS = ("offer", "member", "season", "travel", "ticket", "garden", "museum", "concert", "lecture", "library")
FIELDS = {**dict.fromkeys(NAMES, "text"), "points": "number", "address": "text"}


def words(random, count):
    return " ".join(random.choice(WORDS) for _ in range(count))


def source(random):
    """HTML that becomes, with its text, a message of about 10 kB: ten merge fields, a block and twelve links."""
    links = "\n".join(f'<p style="margin:0 0 12px 0">{words(random, 33)} <a href="https://shop.example.org/{number}">'
                      f"{words(random, 3)}</a></p>" for number in range(LINKS))
    fields = " ".join(f"{{{{{name}|you}}}}" for name in NAMES)
    return (f"<!DOCTYPE html>\n<html><body><h1>Grüße, {{{{first}}}}</h1><p>{fields}</p>\n{links}\n"
            ".BB &POINTS > 500\n<p>You have {{points}} points.</p>\n.ELSE\n<p>Collect points.</p>\n.EB\n"
            '<a href="{{*UnsubscribeURL}}">Unsubscribe</a></body></html>')


def settings():
    return Settings(fields=FIELDS, from_address="news@example.org", from_name="Fern Ltd", public_url="https://m.example.org",
                    job_code="261122A", job_number=7, list_number=3, list_name="Offers", sender_id="fern1",
                    bounce_domain="bounce.example.org", today=date(2026, 11, 22), opens=True, clicks=True)


def people(random):
    for number in range(PEOPLE):
        address = f"user{number}@example{number % 50}.org"
        values = {**{name: random.choice(VALUES) for name in NAMES}, "points": float(number % 1000), "address": address}
        yield values, Delivery(address, number, b"Sun, 22 Nov 2026 09:00:00 +0000", job=7, unsubscribe=(number, 0),
                               reader=number)


def cost(build, crowd):
    """Microseconds of CPU a message, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for values, person in crowd:
            build(values, person)
        best = min(best, (time.process_time() - start) / len(crowd) * 1e6)
    return best


def by_library(message):
    """The standard library's way, given the finished texts."""
    def build(values, person):
        found = EmailMessage(policy=SMTP)
        found["From"], found["To"], found["Subject"] = "Fern Ltd <news@example.org>", person.address, "News"
        found.set_content(message.text, cte="quoted-printable")
        found.add_alternative(message.html, subtype="html", cte="quoted-printable")
        return found.as_bytes()

    return build


class NoTokens:
    """Tokens that cost nothing, to see what the rest costs."""

    def mint(self, *_):
        return "x" * 32

    def mint_link(self, *_):
        return "x" * 35


def measure():
    chance = random.Random(7)
    parts, crowd = Parts("{{first}}, news for {{city}}", source(chance)), list(people(chance))
    message, bare = (compile_message(parts, settings(), maker) for maker in (Maker("0" * 64), NoTokens()))
    own, rest = cost(message.render, crowd), cost(bare.render, crowd)
    library = cost(by_library(message.render_parts(*crowd[0])), crowd[:100])
    size = len(message.render(*crowd[0]))
    return [
        Row("message", f"one message of {size:,} octets, {LINKS} links, {len(NAMES)} fields", f"{own:.0f} us"),
        Row("message", "of it without making tokens", f"{rest:.0f} us"),
        Row("message", "standard library beside it, from finished texts", f"{library / own:.0f} x", ">= 25 x",
            library / own >= 25),
    ]


if __name__ == "__main__":
    for row in measure():
        print(row.what, row.value)
