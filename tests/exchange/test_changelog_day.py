"""A scripted day in the change log: its text byte for byte, and a reader made from the published grammar alone.

The grammar: line = date SP time SP code SP ("D" SP dataset / "L" SP dataset SP list) SP address [SP more] [SP ip]
"""

import ipaddress
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maestro.exchange import exporters
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Change
from maestro.warehouse import changes, consents, downloads, fields, members, publishing, subscriptions
from tests.parts import checker

GOLDEN = Path(__file__).parent / "golden" / "2031-03-30.log"
WEB = {"cause": "self", "ip": "192.0.2.7"}
SELF = {"by": None} | WEB


@pytest.fixture
def at(monkeypatch):
    """Set the clock to a time in UTC on the day on which Berlin's clocks go forward."""
    def set(hour, minute=0, second=0, day=30):
        moment = datetime(2031, 3, day, hour, minute, second, tzinfo=UTC)
        monkeypatch.setattr(clock.clock, "now", lambda: moment)
    return set


def person(world, name):
    return members.find(world.dataset, f"{name}@example.org")


def play(world, at, bring_in):
    """The day: somebody's life on the web, a user's hand, an import, bounces, and a night before and after."""
    dataset, offers = world.dataset, world.offers
    fields.create(dataset, "Seat", "text", by="test", name="seat", list=offers)
    at(0, 59, 59)
    ann = members.add(dataset, "ann@example.org", {"first_name": "Ann"}, **SELF)
    subscriptions.join(offers, ann, **SELF)
    consents.create(dataset, "Terms", "Yes, send me offers.", held=False, by="test", name="terms", list=offers)
    at(1, 0, 0)
    members.change(dataset, person(world, "ann"), {"city": "York", "seat": "12", "terms": True}, **SELF)
    members.change(dataset, person(world, "ann"), {}, address="Anna@example.org", **SELF)
    at(7, 30)
    subscriptions.leave(offers, person(world, "anna"), **SELF)
    subscriptions.rejoin(offers, person(world, "anna"), ip=WEB["ip"])
    at(8)
    members.put_on(offers, "bob@example.org", {"terms": True}, by=world.alice)
    db.session.commit()
    at(9)
    rows = [["address", "first_name", "terms"], ["bob@example.org", "Bob", "yes"], ["cy@example.org", "Cy", "yes"]]
    assert bring_in(rows, list=offers).state == "done"
    assert bring_in([["address"], ["cy@example.org"]], "remove", list=offers).state == "done"
    at(10)
    members.remove(dataset, person(world, "bob"), by=None, cause="bounce")
    at(21, 59, 59)
    members.remove(dataset, person(world, "anna"), by=None, cause="self", ip="2001:db8::7")
    at(22, 0, 0)
    members.remove(dataset, person(world, "cy"), by=world.alice)
    db.session.commit()


def test_a_day_reads_as_it_was_written_down_before(world, at, bring_in):
    db.session.commit()
    publishing.publish("Europe/Berlin")
    before = db.session.query(db.func.max(Change.seq)).scalar()
    play(world, at, bring_in)
    publishing.publish("Europe/Berlin")
    golden = GOLDEN.read_bytes()
    assert (changes.folder() / "2031-03-30.log").read_bytes() == golden
    assert (changes.folder() / "2031-03-31.log").read_bytes() == b"2031-03-31 00:00:00 DEL D 1 CY@EXAMPLE.ORG\n"
    made = exporters.run(downloads.find(world.dataset, kind="changes"), {"since": str(before), "format": "text"})
    assert b"".join(made.chunks) == golden + b"2031-03-31 00:00:00 DEL D 1 CY@EXAMPLE.ORG\n"


def read(line):
    """One line by the published grammar, without anything of ours."""
    date, time, code, scope, dataset, *rest = line.split(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date) and re.fullmatch(r"\d\d:\d\d:\d\d", time)
    assert re.fullmatch(r"[A-Z]{3}", code) and scope in ("D", "L")
    number = int(rest.pop(0)) if scope == "L" else None
    address, *more = rest
    assert address == address.upper() and "@" in address
    ip = None
    if more and "@" not in more[-1]:
        ip = str(ipaddress.ip_address(more.pop()))
    assert len(more) <= 1
    return code, scope, int(dataset), number, address, *more, ip


def test_a_reader_of_the_published_grammar_understands_it():
    found = [read(line) for line in GOLDEN.read_text().splitlines()]
    assert all(checker.LINE.fullmatch(line) for line in GOLDEN.read_text().splitlines())
    assert ("CHG", "D", 1, None, "ANN@EXAMPLE.ORG", "ANNA@EXAMPLE.ORG", "192.0.2.7") in found
    here, places = set(), set()
    for code, scope, _dataset, number, address, *more, _ip in found:
        after = more[0] if more else address
        if code == "CHG":
            here = here - {address} | {after}
            places = {(number, after if who == address else who) for number, who in places}
        elif scope == "D" and code in ("ADD", "DEL"):
            here = here | {address} if code == "ADD" else here - {address}
        elif code in ("ADD", "DEL"):
            places = places | {(number, address)} if code == "ADD" else places - {(number, address)}
        assert {who for _, who in places} <= here, "somebody is on a list and not in its dataset"
    assert (here, places) == ({"CY@EXAMPLE.ORG"}, set())
