"""Web and worker killed at random moments while people sign up, confirm, move and leave.

What a page said is true, whatever was killed after it; and each mail arrives once, or its row is marked.
"""

import itertools
import os
import queue
import random
import re
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from http.client import HTTPException

import pytest

from maestro.models import MEMBERSHIPS
from tests.parts.maestro import children
from tests.parts.public import Public, hidden
from tests.parts.sink import Sink
from tests.parts.waiting import until

KILLS, AT_ONCE = 100, 6
VICTIMS = (("web",), ("other",), ("web", "other"), ("everything",))
PARTS = ("web", "other", "scheduler")
MOMENTS = (0.08, 3.0)                              # seconds after a press: while it is answered, or its mails sent


@pytest.fixture
def mailserver():
    with Sink(delay=0.05) as sink:
        yield sink


@pytest.fixture(params=["sqlite", "postgresql"])
def public(request, tmp_path, mailserver):
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    with Public(tmp_path / "data", url, mailserver.port) as found:
        yield found


class Killer:
    """Kills parts of the installation, each time a random moment after somebody pressed a button."""

    def __init__(self, public):
        self.public = public
        self.presses = queue.Queue()
        self.deaths, self.hit = Counter(), Counter()

    def strike(self, victims):
        maestro = self.public.maestro
        until(lambda: all(maestro.part(name) for name in PARTS), 60, "Not everything was started again.")
        self.public.patient("GET", "/healthz")
        while not self.presses.empty():
            self.presses.get()
        step = self.presses.get(timeout=120)
        time.sleep(random.uniform(0, random.choice(MOMENTS)))
        self.kill(victims)
        self.hit[step] += 1
        self.deaths["+".join(victims)] += 1

    def kill(self, victims):
        maestro = self.public.maestro
        for victim in victims:
            for pid in family(maestro.process.pid if victim == "everything" else maestro.part(victim)):
                kill(pid)
        if "everything" in victims:
            maestro.process.wait(10)
        if victims != ("web",):
            self.let_time_pass()
        if "everything" in victims:
            maestro.start()
            maestro.wait_until_ready(60)

    def let_time_pass(self):
        """What the dead held would come back after eleven minutes; it does so now."""
        self.public.change("UPDATE post SET next_at = created_at WHERE state IN ('queued', 'handed')")


def family(pid):
    return [pid, *(below for child, _ in children(pid) for below in family(child))]


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:                     # it died with its parent
        pass


class Person:
    """Somebody who signs up, confirms, takes another address and leaves, while parts of the installation die."""

    def __init__(self, public, killer, mailserver, number):
        self.public, self.killer, self.mailserver = public, killer, mailserver
        self.old, self.new = f"person{number}@example.org", f"person{number}.new@example.org"
        self.unanswered, self.pressed_links = 0, set()

    def live(self):
        """Every step, as far as mails come through."""
        if self.sign_up():
            self.confirm()
            self.move()
            self.leave()
        return self.unanswered

    def pressed(self, step, path, form):
        """The answer to a press; who hears nothing presses again, as people do."""
        self.killer.presses.put(step)
        try:
            return self.public.post(path, form)
        except (OSError, HTTPException):
            self.unanswered += 1
            return self.public.patient("POST", path, form)

    def sign_up(self):
        path, form = self.public.sign_up(self.old)
        time.sleep(2.1)                            # nobody fills in a form sooner
        answer = self.pressed("sign-up", path, form)
        assert answer.status == 200 and "Check your inbox" in answer.text, answer
        self.link = self.mail(self.old, "confirmation")
        return self.link

    def confirm(self):
        answer = self.pressed("confirmation", self.link, {})
        assert answer.status == 200 and ("Welcome" in answer.text or "confirmed before" in answer.text), answer
        self.member = self.public.number("SELECT member_id FROM change WHERE address = :a AND code = 'ADD' LIMIT 1",
                                         a=self.old)
        assert self.lines("ADD") == 2 and self.lines("CON") == 1 and self.consents(True) == 1
        assert self.place()[0] == "confirmed"
        self.mail(self.old, "welcome")

    def move(self):
        if not (cookie := self.log_in()):
            return
        guard = hidden(self.public.patient("GET", f"{self.public.site}/me", {}, cookie).text, "guard")
        asked = {"act": "address", "guard": guard, "address": self.new}
        self.public.patient("POST", f"{self.public.site}/me", asked, cookie)
        answer = self.press_latest("change of address", self.new, "address")
        if not answer:
            return
        assert answer.status == 200 and ("is changed" in answer.text or "done already" in answer.text), answer.text
        assert self.lines("CHG") == 1
        told = "SELECT count(*) FROM change WHERE code = 'CHG' AND address = :new AND old_address = :old"
        assert self.public.number(told, new=self.new, old=self.old) == 1
        self.mail(self.old, "moved")

    def log_in(self):
        """The cookie of a log-in. A link whose answer was lost is used up, so another is asked for, three at most."""
        for _ in range(3):
            login = {"seal": self.public.seal(), "address": self.old}
            self.public.patient("POST", f"{self.public.site}/login", login)
            answer = self.press_latest("log-in", self.old, "log_in")
            if not answer or answer.cookie:
                return answer and answer.cookie
        return None

    def press_latest(self, step, address, kind):
        """The answer behind the latest link; one that a later mail has made void leads on to that mail."""
        while link := self.mail(address, kind):
            self.pressed_links.add(link)
            answer = self.pressed(step, link, {})
            if answer.status != 404:
                return answer
        return None

    def leave(self):
        link = f"/u/{self.public.token('u', self.place()[1])}"
        answer = self.pressed("unsubscribe", link, {"List-Unsubscribe": "One-Click"})
        assert answer.status == 200, answer
        assert self.place()[0] == "left" and self.lines("DEL") == 1 and self.consents(False) == 1

    def lines(self, code):
        told = "SELECT count(*) FROM change WHERE code = :code AND member_id = :member"
        return self.public.number(told, code=code, member=self.member)

    def consents(self, given):
        told = "SELECT count(*) FROM consent WHERE member_id = :member AND given = :given"
        return self.public.number(told, member=self.member, given=given)

    def place(self):
        """(state, number) of the person's place on the list."""
        [[state, number]] = self.public.rows("SELECT state, id FROM subscription WHERE member_id = :m", m=self.member)
        return MEMBERSHIPS[state], number

    def mail(self, address, kind):
        """The link in the latest mail of this kind, "" when it has none; None when the mail is marked as doubtful."""
        def come():
            return [text for text in self.mails(address, kind) if not self.pressed_links & set(links_of(text))]

        found = until(lambda: come() or self.is_doubtful(address, kind), 240,
                      lambda: f"No mail {kind} to {address}: {self.posts(address)}", pause=0.2)
        return None if found is True else next(iter(links_of(found[-1])), "")

    def mails(self, address, kind):
        return [body for to, body in arrived(self.mailserver) if to == address and WORDS[kind] in body]

    def is_doubtful(self, address, kind):
        return any(state == "doubtful" for state, of_kind in self.posts(address) if of_kind == f"site_{kind}")

    def posts(self, address):
        return [tuple(row) for row in self.public.rows("SELECT state, kind FROM post WHERE address = :a", a=address)]


WORDS = {"confirmation": "signed this address up", "welcome": "You are on these lists now",
         "log_in": "within 15 minutes", "address": "within 7 days", "moved": "no more to this address"}


def links_of(text):
    return re.findall(r"(/c/[\w-]{40,})", text)


def arrived(mailserver):
    """(recipient, text) of every message that came to its end at the mail server."""
    for _, to, raw in list(mailserver.messages):
        yield to, message_from_bytes(raw, policy=policy.default).get_body(["plain"]).get_content()


def live_until(ended, public, killer, mailserver, numbers):
    """One person after the other; how often one of them heard nothing."""
    unanswered = 0
    while not ended.is_set():
        unanswered += Person(public, killer, mailserver, next(numbers)).live()
    return unanswered


def test_what_a_page_said_is_true_and_each_mail_comes_once(public, mailserver, report, request):
    killer, ended, numbers = Killer(public), threading.Event(), itertools.count(1)
    victims = [who for _ in range(KILLS // len(VICTIMS)) for who in random.sample(VICTIMS, len(VICTIMS))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lives = [pool.submit(live_until, ended, public, killer, mailserver, numbers) for _ in range(AT_ONCE)]
        try:
            for who in victims:
                killer.strike(who)
        finally:
            ended.set()
    unanswered = sum(life.result() for life in lives)
    until(lambda: not public.number("SELECT count(*) FROM post WHERE state IN ('queued', 'handed')"), 120, pause=0.2)
    twice = {mail: times for mail, times in Counter(arrived(mailserver)).items() if times > 1}
    doubtful = public.number("SELECT count(*) FROM post WHERE state = 'doubtful'")
    sent = public.number("SELECT count(*) FROM post WHERE state = 'sent'")
    report(f"{request.node.name}: {next(numbers) - 1} people, killed {dict(killer.deaths)} after {dict(killer.hit)}, "
           f"{unanswered} presses unanswered, {len(mailserver.messages)} mails, {doubtful} rows doubtful, "
           f"{len(twice)} mails twice")
    assert twice == {}
    assert sent <= len(mailserver.messages) <= sent + doubtful
