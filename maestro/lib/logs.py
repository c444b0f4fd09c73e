"""One line an event, readable on a terminal and JSON elsewhere; nothing in it opens a door or names a person."""

import hashlib
import hmac
import json
import logging
import re
import sys

from flask import g, has_request_context, request

from maestro.lib import clock
from maestro.lib.secrets import derive

SECRET = re.compile(
    r"(?i)\b([\w-]{0,40}(?:token|passw(?:or)?d|secret|api_?key|cookie|authorization|sid|dsn)"
    r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
    r"(?:(?:basic|bearer)\s+)?[^\s&\"';,]+")
BEARER = re.compile(r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{6,}")
PATH = re.compile(r"/(u|p|o|l|f|v|c|reset|setup|preview)/[\w.~-]{6,}")
LOGIN = re.compile(r"://[^/\s@\"']{1,500}@")
ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\=*]{1,64}@[A-Za-z0-9.-]{1,253}")
VARIABLE = re.compile(r"<(?:(int|any)\b[^:<>]*:|[^:<>]*:)?(\w+)>")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
log = logging.getLogger("maestro.requests")


class Scrubber:
    """Takes secrets and addresses out of a text. An address becomes the same short mark all day, then another one."""

    def __init__(self, master):
        self.master = master
        self.day, self.key = None, b""

    def __call__(self, text):
        text = SECRET.sub(r"\1***", text)
        text = BEARER.sub(r"\1 ***", text)
        text = PATH.sub(r"/\1/***", text)
        text = LOGIN.sub("://***@", text)
        return ADDRESS.sub(lambda found: self.mark(found[0]), text)

    def mark(self, address):
        today = clock.today("UTC").isoformat()
        if self.day != today:
            self.day, self.key = today, derive(self.master, f"log/{today}")
        return "a:" + hmac.new(self.key, address.lower().encode(), hashlib.sha256).hexdigest()[:8]


class Lines(logging.Formatter):
    """One line of JSON in ASCII an event (T35)."""

    def __init__(self, scrub):
        super().__init__()
        self.scrub = scrub

    def format(self, record):
        text = self.scrub(super().format(record))
        return self.line(record, text)

    def line(self, record, text):
        event = {"time": clock.now().isoformat(timespec="milliseconds"), "level": record.levelname.lower(),
                 "event": record.name, "text": text, **self.around(record)}
        return json.dumps(event, ensure_ascii=True, default=str)

    def around(self, record):
        """Where it happened: the request's id, its endpoint, and who is signed in."""
        if not has_request_context():
            return {}
        return {"request": g.get("request_id"), "endpoint": request.endpoint, "user": g.get("user_id")}


class Readable(Lines):
    """The same for people at a terminal; a traceback keeps its lines, indented."""

    def line(self, record, text):
        first, *rest = [CONTROL.sub(" ", line) for line in text.split("\n")]
        around = "".join(f" {name}={value}" for name, value in self.around(record).items() if value)
        head = f"{clock.now():%H:%M:%S} {record.levelname.lower():7} {record.name}: {first}{around}"
        return "\n    ".join([head, *rest]) if record.exc_info else " ".join([head, *rest])


def prepare(app, config):
    """Send everything that is logged to stderr through the scrubber."""
    form = Readable if sys.stderr.isatty() else Lines
    handler = logging.StreamHandler()
    handler.setFormatter(form(Scrubber(config.SECRET_KEY)))
    handler.set_name("maestro")
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == "maestro"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    app.logger.handlers.clear()
    app.before_request(begin)
    app.after_request(note)
    for noisy in ("werkzeug", "sqlalchemy", "rq", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def begin():
    g.begun = clock.monotonic()


def note(response):
    """Write the line of a request that is answered."""
    took = (clock.monotonic() - g.begun) * 1000
    log.info("%s %s %d in %.0f ms", request.method[:10], place(), response.status_code, took)
    return response


def place():
    """The path as its route is written, numbers and fixed words filled in: all else in it may be a secret."""
    if not request.url_rule:
        return "(no page)"
    given = request.view_args or {}
    return VARIABLE.sub(lambda found: str(given[found[2]]) if found[1] else f"<{found[2]}>", request.url_rule.rule)
