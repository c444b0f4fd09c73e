"""Every way in from outside, taken from the routes, with good values for each place in it, to be spoilt one by one.

A new route without values here fails the tests that walk them.
"""

import json
import re
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.mailing import preview
from maestro.models import MailedLink
from maestro.site import letters, links, visiting
from maestro.subscriber import deeds, sealed
from maestro.warehouse import looks, members, subscriptions

WITHOUT_INPUT = {"external.healthz", "external.readyz", "external.robots"}
CONTENT_ONLY = {"subscriber.preview_frame", "subscriber.rehearsal", "subscriber.forward_copy", "subscriber.view"}
HOSTS = {True: "http://localhost:20080", False: "http://127.0.0.1:20080"}
FIELDS = {"f_first_name": "Eve", "f_city": "York", "f_birthday": "1990-01-31"}
DEEDS = {                                          # what goes with each button of the subscriber area
    "lists": {"list": "", "frequency_": "weekly"}, "pause": {"days": "30"}, "language": {"language": "de"}, "link": {},
    "profile": {**FIELDS, **{f"{name}_is": "1" for name in FIELDS}},
    "address": {"address": "new@example.org"}, "password": {"password": "correct horse battery 9"}, "download": {},
    "leave": {"sure": ""}, "erase": {"sure": ""},
}
PURPOSES = ("join", "log_in", "password", "address")
ANY_TEXT = {"sure", "confirm", "all", "undo", "no"}                        # ticks and buttons: any text presses them


PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
                        "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082")     # one black point


class Way(NamedTuple):
    """One request: `rule` with its places in `path`, a question, and a form or (`json`) an object.

    `renew` gives the same way with what it uses up made anew: a log-in, or the link of a mail.
    """

    endpoint: str
    rule: str
    method: str
    path: dict
    query: dict
    form: dict
    json: bool = False
    cookie: str = ""
    renew: object = lambda way: way

    def places(self):
        """Where a text can be put, as (part, name)."""
        parts = {"path": self.path, "query": self.query, "form": self.form}
        return [(part, name) for part, values in parts.items() for name in values if name not in ANY_TEXT]

    def spoilt(self, part, name, text):
        return self._replace(**{part: {**getattr(self, part), name: text}})

    def send(self, client, number=0):
        """Ask, as caller number `number`, each from an address of the network of its own."""
        path = re.sub(r"<(?:[^<>:]*:)?(\w+)>", lambda found: encoded(self.path[found[1]]), self.rule)
        if self.cookie:
            client.set_cookie("member", self.cookie, domain="127.0.0.1", path="/s")
        body = json.dumps(self.form) if self.json else pairs(self.form)
        kind = "application/json" if self.json else "application/x-www-form-urlencoded"
        network = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return client.open(
            path, method=self.method, query_string=pairs(self.query), base_url=HOSTS[self.endpoint in CONTENT_ONLY],
            environ_overrides={"REMOTE_ADDR": network},
            **{"data": body, "content_type": kind} if self.method == "POST" else {})


def encoded(text):
    return quote(text, safe="", errors="surrogatepass")


def pairs(values):
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in values.items())


class Stage:
    """The world of a test with a job that was sent, an archive and a site with passwords."""

    def __init__(self, app, world, site, job):
        self.app, self.world, self.site, self.job = app, world, site, job
        self.picture = looks.keep_logo(world.dataset, PICTURE)
        db.session.commit()
        self.rules = [rule for rule in app.url_map.iter_rules()
                      if rule.endpoint.partition(".")[0] in ("subscriber", "external")]

    def ways(self):
        """Every route and method, and every button of every form."""
        for rule in self.rules:
            if rule.endpoint not in WITHOUT_INPUT:
                for method in sorted(rule.methods & {"GET", "POST"}):
                    yield from self.of(rule, method)

    def of(self, rule, method):
        base = Way(rule.endpoint, rule.rule, method, {}, {"lang": "de"}, {})
        name = rule.endpoint.partition(".")[2]
        way = base._replace(path=self.path(rule), query=base.query | self.queries().get(name, {}))
        yield from [way] if method == "GET" else FORMS[name](self, way)

    def path(self, rule):
        """Good values for the places in a path."""
        known = {"key": self.site.key, "list_key": self.world.offers.key, "code": self.job.code, "form": "atom",
                 "picture_key": self.picture}
        if rule.endpoint == "external.add_subscriber_json":
            known["key"] = self.world.offers.key
        if "token" in rule.arguments:
            known["token"] = self.token(rule.rule.split("/")[1])
        return {name: known[name] for name in rule.arguments}

    def token(self, first):
        mint, reader = self.app.extensions["tokens"].mint, self.job.id << 32 | 1
        dave = subscriptions.get(self.world.offers, self.world.dave["id"])
        known = {"c": lambda: self.link("join"), "u": lambda: mint("u", dave.id), "v": lambda: mint("v", reader),
                 "f": lambda: mint("f", reader),
                 "p": lambda: letters.profile(self.site, self.row()).rpartition("/")[2],
                 "preview": lambda: preview.signer().dumps(["job", self.job.id, None]),
                 "rehearsal": lambda: preview.signer().dumps(["x", self.site.id, None, "home", "en", True])}
        return known[first]()

    def queries(self):
        site, offers = self.site, self.world.offers
        return {
            "subscribe": {"list": offers.key, "address": "eve@example.org"}, "archived": {"q": "spring"},
            "look_sheet": {"v": "draft", "list": offers.key}, "area": {"done": "lists"}, "profile": {"done": "lists"},
            "forward_copy": {"words": preview.signer().dumps(["Dave", "Look"])}, "mailed_link": {"no": "1"},
            "external_action": {"token": "x" * 26, "wait": "0", "key": "x", "status": "1"},
            "add_subscriber": {"mContainer": str(site.dataset_id), "mListId": f"HL#{offers.id}", "mOwner": "N1",
                               "mSubscriber": "eve@example.org", "first_name": "Eve", "city": "York"}}

    def row(self):
        return members.get(self.world.dataset, self.world.dave["id"])

    def link(self, purpose):
        """A mailed link of this purpose, not used yet."""
        data = {"lists": [self.world.offers.id], "values": {}, "text": None, "form": "/x", "how": "form"}
        links.ask(self.site, purpose, addresses.judge("dave@example.org"), "192.0.2.7", self.row()["id"],
                  language="en", **data if purpose == "join" else {})
        link = db.session.query(MailedLink).order_by(MailedLink.id.desc()).first()
        link.expires_at = clock.now() + timedelta(days=1)
        token = links.arm(link)
        db.session.commit()
        return token

    def session(self):
        token = visiting.start(self.site, self.row())
        db.session.commit()
        return token

    def sealed(self, place=None, **values):
        """A form of the site, or of another place, that was shown a while ago."""
        shown = str(int(clock.now().timestamp()) - 10)
        return {"seal": f"{shown}.{sealed.mark(place or self.site.key, shown)}", "website": "", **values}


def one(**values):
    """A route with one form."""
    return lambda _stage, way: [way._replace(form=values)]


def several(*forms):
    return lambda _stage, way: [way._replace(form=form) for form in forms]


def signing_up(stage, way):
    first = stage.sealed(address="eve@example.org", list=stage.world.offers.key)
    yield way._replace(form=first)
    yield way._replace(form={**first, **FIELDS, "details": "1", "consent": "1", "answer": "1"})


def by_mail(stage, way):
    """A link of each purpose, and the form that is behind it."""
    for purpose in PURPOSES:
        def renew(old, purpose=purpose):
            return old._replace(path={"token": stage.link(purpose)})
        yield way._replace(form={"password": "correct horse battery 9", "no": ""}, renew=renew)


def on_the_area(stage, way):
    for act in deeds.DEEDS:
        given = {name.replace("frequency_", f"frequency_{stage.world.offers.key}"): text or stage.world.offers.key
                 for name, text in DEEDS[act].items() if name != "sure"}
        found = way._replace(form={"act": act, **given})
        yield logged_in(stage, found) if way.endpoint == "subscriber.area_send" else found


def logged_in(stage, way):
    def renew(old):
        cookie = stage.session()
        return old._replace(form={**old.form, "guard": sealed.guard(cookie)}, cookie=cookie)
    return way._replace(form={**way.form, "guard": ""}, renew=renew)


def in_json(stage, way):
    form = {"address": "eve@example.org", "fields": {"first_name": "Eve"}, "language": "de"}
    return [way._replace(form=form, json=True)]


FORMS = {                                          # the forms of every route that takes one
    "subscribe_send": signing_up, "profile_send": on_the_area, "area_send": on_the_area,
    "log_out": lambda stage, way: [logged_in(stage, way)],
    "log_in_send": lambda stage, way: [
        way._replace(form=stage.sealed(address="dave@example.org")),
        way._replace(form=stage.sealed(address="dave@example.org", password="correct horse battery 9"))],
    "forgot_send": lambda stage, way: [way._replace(form=stage.sealed(address="dave@example.org"))],
    "mailed_link_press": by_mail,
    "leave": several({"List-Unsubscribe": "One-Click"}, {"confirm": "1"}, {"all": "1"}, {"undo": "1", "list": "1"},
                     {"reason": "too_many"}),
    "forward_send": several(*({"name": "Dave", "friends": "eve@example.org", "note": "Look", "send": send}
                              for send in ("", "1"))),
    "whole_link": lambda stage, way: [way._replace(form={**stage.sealed("u"), "address": "dave@example.org"})],
    "external_action": one(), "add_subscriber": one(mSubscriber="eve@example.org"), "add_subscriber_json": in_json,
}
