"""Leaving by one press: the mail program's button (RFC 8058), and the page behind the link, with undo."""

from flask import abort, request

from maestro.extensions import csrf, db
from maestro.lib import addresses
from maestro.lib.errors import NotFound
from maestro.mailing import leaving
from maestro.subscriber.door import bp, page, read

ONE_CLICK = ("List-Unsubscribe", "One-Click")


@bp.get("/u/<token>")
def unsubscribe(token):
    return shown(leaving.find(read("u", token)), "ask")


@bp.post("/u/<token>")
@csrf.exempt
def leave(token):
    """The token is the credential: no cookie takes part, so there is nothing to forge with."""
    place = found(read("u", token))
    if request.form.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        if place:
            leaving.leave(place, "one-click", request.remote_addr)
            db.session.commit()
        return "You are unsubscribed.\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
    return pressed(place)


def found(token):
    """The place that a valid token means; None when the person is not stored any more: a repeat is fine."""
    try:
        return leaving.find(token)
    except NotFound:
        return None


def pressed(place):
    """One of the page's own buttons."""
    verb = next((name for name in ("confirm", "all", "undo") if request.form.get(name)), None)
    if not verb:
        abort(400, "Press one of the buttons on the page.")
    if not place:
        return page("unsubscribe", step="gone", place=None, masked=None)
    VERBS[verb](place)
    db.session.commit()
    return shown(place, {"confirm": "left", "all": "left_all", "undo": "back"}[verb])


VERBS = {
    "confirm": lambda place: leaving.leave(place, "unsubscribe page", request.remote_addr),
    "all": lambda place: leaving.leave_all(place, "unsubscribe page", request.remote_addr),
    "undo": lambda place: leaving.come_back(place, request.remote_addr),
}


def shown(place, step):
    return page("unsubscribe", step=step, place=place, masked=addresses.mask(place.row["address"]))
