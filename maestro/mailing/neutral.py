"""A job's message for somebody who is not its recipient: no values of anybody, no tracking, no personal links.

Every merge field shows its fallback, and each personal link leads to where the caller says.
"""

import secrets
from urllib.parse import quote

from flask import current_app

from maestro.content.message import Preview, compile_message
from maestro.mailing import audience, compose

PERSONAL = "upfv"                                  # unsubscribe, profile, forward, view in browser


class Marks:
    """Stands in for the maker of tokens: what it mints is told from everything else that a message can hold."""

    def __init__(self):
        self.secret = secrets.token_hex(12)

    def mint(self, kind, *_identity):
        return f"{kind}{self.secret}"


def rendered(job, places):
    """The parts of the message. `places`: where links of each kind in PERSONAL lead. Raises the first MergeError."""
    nobody, marks = audience.stand_in(job, audience.NOBODY), Marks()
    message = compile_message(compose.sources(job), compose.untracked(job), marks)
    parts = message.render_parts(compose.values(job, nobody), compose.shown_to(job, nobody))
    public_url = current_app.extensions["maestro"].public_url
    for kind in PERSONAL:
        mark = f"{public_url}/{kind}/{marks.mint(kind)}"
        for written in (str, quoted):
            parts = Preview(*(part.replace(written(mark), written(places[kind])) for part in parts))
    return parts


def quoted(url):
    return quote(url, safe="")
