"""Forms that need no cookie: a page signs when and for what it was made, and a log-in what it may do."""

import hashlib
from hmac import compare_digest

from flask import abort, current_app, request

from maestro.lib import clock
from maestro.lib.secrets import fingerprint
from maestro.lib.tongues import gettext as _

FASTEST, LONGEST = 2, 4 * 3600                     # seconds between showing a form and sending it
ZEROS = 16                                         # leading zero bits of a puzzle's answer: a second of a phone's time


def seal(place):
    """What a form of `place` carries: when it was shown, signed."""
    shown = str(int(clock.now().timestamp()))
    return f"{shown}.{mark(place, shown)}"


def mark(place, text):
    return fingerprint(current_app.extensions["maestro"].SECRET_KEY, "form", f"{place} {text}")[:32]


def age(place):
    """Seconds since the form in this request was shown; refuses one that we did not make, or that is too old."""
    shown, _dot, signature = request.form.get("seal", "").partition(".")
    if not compare_digest(mark(place, shown).encode(), signature.encode()):
        refuse()
    seconds = clock.now().timestamp() - int(shown)
    if seconds > LONGEST:
        refuse()
    return seconds


def refuse():
    abort(403, _("This form was open for too long, or came from somewhere else. Load its page again and repeat it."))


def is_hasty(place):
    """Whether the form came back sooner than anybody writes; it may be sent again in a moment."""
    return age(place) < FASTEST


def is_trapped():
    """Whether the input was filled in that nobody sees."""
    return bool(request.form.get("website"))


def is_solved(address):
    """Whether the puzzle of this form was solved for this address: SHA-256 that begins with ZEROS zero bits."""
    answer = request.form.get("answer", "")[:20]
    found = hashlib.sha256(f"{request.form.get('seal')}:{address}:{answer}".encode()).digest()
    return bool(answer) and int.from_bytes(found, "big") >> (256 - ZEROS) == 0


def check_guard(secret):
    """Refuse a form that does not carry the sign of the log-in under which its page was shown."""
    if not compare_digest(guard(secret).encode(), request.form.get("guard", "").encode()):
        refuse()


def guard(secret):
    return mark("guard", secret)
