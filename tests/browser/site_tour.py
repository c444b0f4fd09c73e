"""The tour of a subscriber's life on the public pages, from the front page to leaving for good.

`python -m tests.browser.site_tour FOLDER` takes it in each of `LOOKS`, with the eyes of tests/browser/eyes.py, and
leaves a picture of every state in FOLDER.
"""

import re
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import expect, sync_playwright

from maestro.lib import tongues
from tests.browser.eyes import Eyes
from tests.browser.hands import Keyboard, Mouse
from tests.browser.stage import ISSUES, LISTS, Stage
from tests.parts.browser import OPTIONS, program
from tests.parts.redis import running

GOOD, BETTER, WRONG = "blue kettle under snow", "green lantern by the sea", "not the right words"
GUESSED = "This is among the first that are guessed. Take a few words that have nothing to do with you."
LETTER, OFFERS, _DAYS = LISTS


class Look(NamedTuple):
    """How somebody comes: width of the window, light or dark, language, with scripts or not, mouse or keyboard."""

    width: int
    scheme: str
    language: str
    scripts: bool
    hands: type

    def __str__(self):
        scripts = "scripts" if self.scripts else "bare"
        return f"{self.width}-{self.scheme}-{self.language}-{scripts}-{self.hands.__name__.lower()}"

    def context(self, browser):
        return browser.new_context(
            viewport={"width": self.width, "height": 844 if self.width < 500 else 960}, color_scheme=self.scheme,
            java_script_enabled=self.scripts, locale={"en": "en-GB", "de": "de-DE"}[self.language],
            reduced_motion="reduce", is_mobile=self.width < 500 and self.hands is Mouse)


EACH = (390, 1440), ("light", "dark"), ("en", "de"), (True, False), (Mouse, Keyboard)
LOOKS = [Look(*look) for look in product(*EACH)]


class Tour:
    """One person on the site: `met(name)` is called in every state that he comes to."""

    def __init__(self, page, look, stage, met):
        self.page, self.stage, self.met = page, stage, met
        self.hands, self.language = look.hands(page), look.language
        self.address, self.new_address = (f"{name}.{LOOKS.index(look)}@example.org" for name in ("eve", "evelyn"))

    def say(self, message, **values):
        """A message of the site as this person reads it."""
        return tongues.catalogue(self.language).gettext(message) % values

    def say_many(self, one, many, count):
        return tongues.catalogue(self.language).ngettext(one, many, count) % {"num": count}

    def go(self, url):
        self.page.goto(url)

    def button(self, message, **values):
        return self.page.get_by_role("button", name=self.say(message, **values), exact=True)

    def link(self, message, **values):
        return self.page.get_by_role("link", name=self.say(message, **values), exact=True)

    def box(self, name):
        return self.page.get_by_role("checkbox", name=re.compile(f"^{re.escape(name)}"))

    def input(self, message):
        return self.page.get_by_label(self.say(message))

    def press(self, message, **values):
        self.hands.press(self.button(message, **values))

    def follow(self, message, **values):
        self.hands.press(self.link(message, **values))

    def deed(self, act):
        """The button of a part of the area."""
        self.hands.press(self.page.locator("form", has=self.page.locator(f"input[name=act][value={act}]"))
                         .get_by_role("button").first)

    def arrive(self, picture, message, **values):
        """Wait for the page that has this heading, or says this; then look at it."""
        expect(self.page.get_by_text(self.say(message, **values)).first).to_be_visible()
        self.met(picture)

    def log_in(self, address, password):
        self.hands.write(self.input("Your e-mail address"), address)
        self.hands.write(self.input("Password"), password)
        self.press("Log in")


def take(tour):
    """The whole tour."""
    for part in (subscribe, confirm, area_by_link, area_logged_in, move, forget, forward, archive, unsubscribe, go):
        part(tour)


def subscribe(tour):
    tour.go(tour.stage.home)
    tour.arrive("home", "These lists you can subscribe to:")
    tour.follow("Subscribe to %(name)s", name=LETTER)
    tour.arrive("subscribe", "Lists")
    tour.hands.tick(tour.box(OFFERS))
    tour.hands.write(tour.input("Your e-mail address"), "eve@nowhere")
    tour.stage.wait(3)
    tour.press("Go on")
    tour.arrive("subscribe refused", "The domain after the @ needs at least one dot, such as example.org.")
    tour.hands.write(tour.input("Your e-mail address"), tour.address)
    tour.press("Go on")
    tour.arrive("details", "One more step")
    tour.hands.write(tour.page.get_by_label("First name"), "Eve")
    tour.hands.tick(tour.box("Roses"))
    tour.hands.choose(tour.page.get_by_label("Garden"), "Balcony")
    tour.hands.tick(tour.page.locator("input[name=consent]"))
    tour.press("Subscribe")
    tour.arrive("sent", "Check your inbox")


def confirm(tour):
    link = tour.stage.link(tour.address, "/c/")
    tour.go(link)
    tour.arrive("confirm", "Confirm that you want these mails")
    tour.press("Confirm")
    tour.arrive("welcome", "Welcome")
    tour.go(link)
    tour.arrive("confirmed before", "This was done already")
    tour.follow("See and change your lists")
    tour.arrive("log in", "Your subscriptions")


def area_by_link(tour):
    tour.by_link = tour.stage.link(tour.address, "/p/")
    tour.go(tour.by_link)
    tour.arrive("area by link", "Everything else")
    tour.hands.choose(tour.page.get_by_label(re.compile(f"{LETTER}$")), tour.say("At most one mail a week"))
    tour.deed("lists")
    tour.arrive("lists saved", "Your lists are saved.")
    tour.hands.press(tour.page.get_by_role("button", name=tour.say_many("%(num)s day", "%(num)s days", 30)))
    tour.arrive("paused", "Saved. You see below until when the mails pause.")
    tour.press("Mails again from now on")
    tour.hands.choose(tour.input("Language of our messages to you"), tongues.LANGUAGES[tour.language])
    tour.deed("language")
    tour.arrive("language saved", "Your language is saved.")
    tour.press("Mail me a link")
    tour.arrive("link mailed", "A link is on its way to your address. It works for 15 minutes.")


def area_logged_in(tour):
    tour.go(tour.stage.link(tour.address, "/c/"))
    tour.arrive("log in by link", "You then see and change your data for an hour. This page sets a cookie for it.")
    tour.press("Log in")
    tour.arrive("area", "Your profile")
    tour.hands.write(tour.page.get_by_label("First name"), "Evelyn")
    tour.deed("profile")
    tour.arrive("profile saved", "Your profile is saved.")
    expect(tour.page.get_by_label("First name")).to_have_value("Evelyn")
    tour.hands.write(tour.input("New password"), "password1234")
    tour.deed("password")
    tour.arrive("password refused", GUESSED)
    tour.hands.write(tour.input("New password"), GOOD)
    tour.deed("password")
    tour.arrive("password set", "Your password is set")
    tour.follow("Log in")
    tour.log_in(tour.address, WRONG)
    tour.arrive("log in refused", "Address and password do not match.")
    tour.log_in(tour.address, GOOD)


def move(tour):
    """Another address: confirmed at the new one, told to the old one."""
    tour.hands.write(tour.input("New e-mail address"), tour.new_address)
    tour.deed("address")
    tour.arrive("address asked", "We sent a message to the new address. Confirm it there to make the change.")
    tour.go(tour.stage.link(tour.new_address, "/c/"))
    tour.arrive("confirm address", "Confirm your new address")
    tour.press("Confirm")
    tour.arrive("address changed", "Your address is changed")
    told = tour.stage.mail(tour.address)
    assert tour.say("Your address at %(title)s was changed", title="Fern & Field") == told["Subject"]
    tour.go(tour.by_link)
    tour.arrive("old link", "This link is over")


def forget(tour):
    """A forgotten password: a new one by mail, but not by a link that is over."""
    tour.follow("Ask for a new link")
    tour.follow("No password yet, or forgotten?")
    tour.arrive("password forgotten", "Set a password")
    link = ask_for_password(tour)
    tour.met("link asked")
    tour.stage.wait(11 * 60)
    tour.go(link)
    tour.arrive("link over", "This link is over")
    tour.go(f"{tour.stage.home}/password")
    tour.go(ask_for_password(tour))
    tour.arrive("set password", "Set your password")
    tour.hands.write(tour.input("New password"), BETTER)
    tour.press("Set the password")
    tour.arrive("area again", "Your profile")
    tour.press("Log out")
    tour.arrive("logged out", "These lists you can subscribe to:")


def ask_for_password(tour):
    """The link that is mailed."""
    tour.hands.write(tour.input("Your e-mail address"), tour.new_address)
    tour.press("Send me a link")
    expect(tour.page.get_by_role("heading")).to_have_text(tour.say("Check your inbox"))
    return tour.stage.link(tour.new_address, "/c/")


def forward(tour):
    """An issue comes; a friend gets it, and refuses more of them."""
    tour.stage.send("The first warm day")
    tour.go(tour.stage.link(tour.new_address, "/f/"))
    tour.arrive("forward", "Forward to a friend")
    tour.hands.write(tour.input("Your name"), "Eve")
    tour.hands.write(tour.input("Addresses of your friends"), "nobody")
    tour.press("Look at the mail first")
    tour.arrive("forward refused", "An address has a name, an @ and a domain, such as ann@example.org.")
    friend = f"friend.{tour.new_address}"
    tour.hands.write(tour.input("Addresses of your friends"), friend)
    tour.hands.write(tour.input("A few words to go with it"), "This is for your balcony.")
    tour.press("Look at the mail first")
    tour.arrive("forward looked at", "This is what your friends get")
    tour.hands.press(tour.page.get_by_role(
        "button", name=tour.say_many("Send to %(num)s friend", "Send to %(num)s friends", 1)))
    tour.arrive("forwarded", "On its way")
    tour.go(tour.stage.link(friend, "/f/"))
    tour.arrive("refuse", "No more mails that friends send on")
    tour.press("Send me no such mails")
    tour.arrive("refused", "You get no more of these")


def archive(tour):
    tour.go(tour.stage.url + tour.stage.archive)
    tour.arrive("archive", "Issues of %(name)s", name=LETTER)
    for words in ("submarine", "late"):
        tour.hands.write(tour.input("Search in the issues"), words)
        tour.press("Search")
        if words == "submarine":
            tour.arrive("nothing found", "No issue has these words.")
    tour.hands.press(tour.page.get_by_role("link", name=ISSUES[1]))
    tour.arrive("issue", "All issues")
    expect(tour.page.frame_locator("iframe").get_by_role("heading")).to_have_text(ISSUES[1])
    tour.follow("All issues")
    expect(tour.page.get_by_role("heading", level=1)).to_have_text(tour.say("Issues of %(name)s", name=LETTER))


def unsubscribe(tour):
    link = tour.stage.link(tour.new_address, "/u/")
    tour.go(link)
    tour.arrive("unsubscribe", "Unsubscribe")
    tour.press("Unsubscribe")
    tour.arrive("unsubscribed", "You are unsubscribed")
    tour.press("Undo")
    tour.arrive("back", "You are back")
    tour.press("Unsubscribe")
    tour.press("Too many mails")
    tour.arrive("reason told", "Thank you")
    tour.go(link)
    tour.press("Leave all our lists")
    tour.arrive("unsubscribed from all", "You are off all our lists.")


def go(tour):
    """Leave everything; what is left are pages that say so."""
    tour.go(f"{tour.stage.home}/login")
    tour.log_in(tour.new_address, BETTER)
    tour.hands.tick(tour.box(tour.say("Yes, I want to leave")))
    tour.deed("leave")
    tour.arrive("left", "You have left")
    assert tour.stage.mail(tour.new_address)["Subject"] == tour.say("Goodbye from %(title)s", title="Fern & Field")
    tour.go(f"{tour.stage.home}/nothing")
    tour.arrive("missing", "There is nothing here")


def main(folder):
    """Every look, one after the other; what is wrong is told at the end."""
    folder, problems = Path(folder), {}
    with tempfile.TemporaryDirectory() as data, running() as (redis_url, _), sync_playwright() as playwright, \
            Stage(Path(data), redis_url) as stage:
        browser = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
        for look in LOOKS:
            eyes = Eyes(look, browser, folder / str(look))
            take(Tour(eyes.page, look, stage, eyes.look))
            print(look, f"{len(eyes.seen)} states, the largest page {max(eyes.seen.values()):,} bytes")
            problems |= {f"{look}, {name}": found for name, found in eyes.problems.items()}
            stage.wait(11 * 60)
    for name, found in problems.items():
        print(f"{name}: {found}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main(sys.argv[1])
