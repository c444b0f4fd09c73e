"""The worker's side of the forms: finds out what each request comes to, and writes its mail."""

import logging
from datetime import timedelta

from maestro.background import task
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.site import joining, knocks, links, lost, moving, unconfirmed, visiting
from maestro.site.signup import site_of

AGAIN = timedelta(minutes=10)
log = logging.getLogger("maestro.site")
ANSWERS = {"join": lambda _site, link: joining.answer(link), "log_in": visiting.answer, "password": visiting.answer,
           "address": moving.answer, lost.PURPOSE: lost.answer}


def due():
    """The work that waits, as the scheduler rings for it."""
    return [(answer_all,)] if links.is_waiting() else []


@task("other")
def answer_all():
    """Answer what was asked, one request a transaction."""
    while found := links.waiting(1):
        for link in found:
            answer(link)
        db.session.commit()


def answer(link):
    """Answer one request; one that breaks us is put off, so that those behind it are answered."""
    try:
        with db.session.begin_nested():
            ANSWERS[link.purpose](site_of(link), link)
    except Refused:
        db.session.delete(link)                    # it cannot come true any more: a field is gone, or an address barred
    except Exception:
        log.exception("A request of a site could not be answered and is tried again.")
        link.due_at = clock.now() + AGAIN


def remind():
    unconfirmed.remind()
    db.session.commit()


def tidy():
    """What is over: links, sessions, counts, and who never confirmed."""
    for room in (links, visiting, knocks, unconfirmed):
        room.tidy()
        db.session.commit()
