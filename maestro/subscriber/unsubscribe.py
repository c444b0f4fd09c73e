"""Leaving by one press: the mail program's button (RFC 8058), and the page behind the link, with undo and a reason.

It works in every state of a site.
"""

from flask import abort, g, request

from maestro.extensions import csrf, db
from maestro.lib import tongues
from maestro.lib.errors import NotFound, Refused
from maestro.lib.tongues import gettext as _
from maestro.lib.tongues import lazy
from maestro.mailing import leaving
from maestro.site import letters, lost, preferences
from maestro.subscriber import entrance, sealed
from maestro.subscriber.door import bp, is_whole, page, read
from maestro.warehouse import sites

ONE_CLICK = ("List-Unsubscribe", "One-Click")
REASONS = {"too_many": lazy("Too many mails"), "not_relevant": lazy("Not what I am interested in"),
           "never_signed_up": lazy("I never signed up"), "other": lazy("Another reason")}
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/u/<token>")
def unsubscribe(token):
    if not is_whole("u", token):
        return broken(404)
    place = found(read("u", token))
    return shown(place, "left" if place and place.gone else "ask", token)


@bp.post("/u/<token>")
@csrf.exempt
def leave(token):
    """The token is the credential: no cookie takes part, so there is nothing to forge with."""
    if not is_whole("u", token):
        return broken(404)
    place = found(read("u", token))
    if request.form.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        if place:
            leaving.leave(place, "one-click", request.remote_addr)
            db.session.commit()
        return _("You are unsubscribed.") + "\n", 200, PLAIN
    verb = next((name for name in VERBS if request.form.get(name)), None)
    if not verb:
        abort(400, _("Press one of the buttons on the page."))
    lists = VERBS[verb](place) if place else None
    db.session.commit()
    return shown(place, STEPS[verb], token, lists)


@bp.post("/u")
@csrf.exempt
def whole_link():
    """Signed by the page of a broken link. The answer does not depend on whether the address is known."""
    sealed.age("u")
    try:
        if not sealed.is_trapped():
            lost.ask(request.form.get("address", "")[:320], request.remote_addr, tongues.current())
    except Refused as refusal:
        return broken(422, refusal.sentence)
    db.session.commit()
    return page("message", heading=_("Check your inbox"), url=None,
                sentence=_("If this address is known here, a link is on its way to it."))


def broken(status, error=None):
    """The page of a link that is not complete: whose it is cannot be read from it, so it asks for the address."""
    address = request.form.get("address", "")[:320]
    return page("broken", seal=sealed.seal("u"), address_given=address, error=error), status


def found(token):
    """The place that a valid token means; None when nobody is meant: in a test, or when the person is not stored."""
    try:
        place = leaving.find(token)
    except NotFound:
        return None
    g.site = sites.of(place.dataset)
    entrance.speak(g.site, place.list)
    return place


def come_back(place):
    """Undo: back to the list, and to the others that were left with it."""
    leaving.come_back(place, request.remote_addr, request.form.getlist("list", type=int))


def say_why(place):
    """One word, if the person likes to."""
    preferences.say_why(g.site, place.row, request.form["reason"])


VERBS = {
    "confirm": lambda place: leaving.leave(place, "unsubscribe page", request.remote_addr),
    "all": lambda place: leaving.leave_all(place, "unsubscribe page", request.remote_addr),
    "undo": come_back,
    "reason": say_why,
}
STEPS = {"confirm": "left", "all": "left_all", "undo": "back", "reason": "told"}


def shown(place, step, token, lists=None):
    """The page after a step. Without a place it says that nobody is meant any more, or that the mail was a test."""
    if not place:
        return page("unsubscribe", step="test" if leaving.is_test(read("u", token)) else "gone")
    others = leaving.others(place) if place.list else 0
    fewer = letters.profile(g.site, place.row) if step == "ask" and entrance.is_open(g.site, entrance.MEMBERS) else None
    return page("unsubscribe", step=step, place=place, lists=lists or (), others=others, address=place.row["address"],
                fewer=fewer, reasons=REASONS if step in ("left", "left_all") else {})
