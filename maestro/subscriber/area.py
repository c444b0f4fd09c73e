"""The subscriber area: one page with everything that members see and change about themselves.

It is entered by the link in a mail (`/p/TOKEN`), which a forwarded mail hands to strangers: then it has the lists only
and names no data. After a log-in (`/s/KEY/me`) it has everything.
"""

from typing import NamedTuple

from flask import abort, redirect, request, url_for

from maestro.extensions import csrf, db
from maestro.lib import tongues
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.mailing.compose import MEMBER_BITS
from maestro.models import Dataset, Site
from maestro.site import consenting, preferences, visiting
from maestro.subscriber import deeds, inputs, sealed
from maestro.subscriber.door import bp, of_a_test, read
from maestro.subscriber.entrance import COOKIE, MEMBERS, OPEN, enter, message, show, visitor, welcome
from maestro.warehouse import fields, members, sites, subscriptions


class Visit(NamedTuple):
    """Who is here, and how: `trusted` after a log-in; `url` of the page; `guard` for its forms."""

    site: Site
    row: dict
    trusted: bool
    url: str
    guard: str


@bp.get("/p/<token>")
def profile(token):
    visit = by_link(token)
    return shown(visit) if isinstance(visit, Visit) else visit


@bp.post("/p/<token>")
@csrf.exempt
def profile_send(token):
    """The token is the credential: no cookie takes part."""
    visit = by_link(token)
    return acted(visit) if isinstance(visit, Visit) else visit


@bp.get("/s/<key>/me")
def area(key):
    visit = by_cookie(enter(key, MEMBERS))
    return shown(visit) if visit else redirect(url_for(".log_in", key=key))


@bp.post("/s/<key>/me")
@csrf.exempt
def area_send(key):
    """Signed with the log-in: a form of another site cannot know the sign."""
    visit = by_cookie(enter(key, MEMBERS))
    if not visit:
        return redirect(url_for(".log_in", key=key), 303)
    sealed.check_guard(request.cookies.get(COOKIE, ""))
    return acted(visit)


def by_link(token):
    """The visit that a profile link of a mail means; a page when it means nobody (any more)."""
    said = read("p", token)
    dataset = db.session.get(Dataset, said.id >> MEMBER_BITS)
    if not said.id:
        return of_a_test(_("The mail was a test delivery. In the real one this link shows the reader's lists."))
    if not dataset:
        abort(404, _("This link leads to nobody here."))
    site = welcome(sites.of(dataset), MEMBERS)
    row = members.find_by_id(dataset, said.id & (1 << MEMBER_BITS) - 1)
    if not row or row["state"] not in visiting.HERE or row["epoch"] != said.epoch:
        return message(site, _("This link is over"), _("It belongs to an address that is not stored here any more."),
                       url_for(".log_in", key=site.key), _("Ask for a new link"))
    return Visit(site, row, False, url_for(".profile", token=token), "")


def by_cookie(site):
    row = visitor(site)
    secret = request.cookies.get(COOKIE, "")
    return row and Visit(site, row, True, url_for(".area", key=site.key), sealed.guard(secret))


def shown(visit, status=200, said=None, errors=(), given=None):
    """The whole page. What was changed last stands above it."""
    site, row = visit.site, visit.row
    places = {list.id: place for place, list in subscriptions.of(site.dataset, row["id"])}
    mine = [list for list in site.dataset.lists if list.id in places and places[list.id].state == "confirmed"]
    offered = [list for list in site.dataset.lists if list.shown or list in mine]
    more = [list for list in offered if list not in mine and preferences.asks_more(list, row)]
    lists = [list for list in offered if list not in more]
    return show("area", site, status, visit=visit, row=row, lists=lists, mine=mine, places=places, shown_texts=texts,
                **profile_of(site, mine), more=more if site.state in OPEN else (), account=visiting.account(site, row),
                errors=errors, given=given, said=said or deeds.said(request.args.get("done")),
                wording=consenting.wording(site, lists), address=None if visit.trusted else row["address"],
                pauses=preferences.PAUSES, offered=site.languages or list(tongues.LANGUAGES))


def profile_of(site, mine):
    """The fields that a member of the lists `mine` may change (asked), and those only to look at (seen)."""
    places = {None, *(list.id for list in mine)}
    asked = [field for field in inputs.asked(site.dataset, mine) if field.shown == "edit"]
    return {"asked": asked, "faces": inputs.faces(asked),
            "seen": [field for field in site.dataset.fields if field.shown == "view" and field.list_id in places]}


def texts(field, row):
    """A value as the texts that its input holds."""
    text = fields.show(field, row[field.name])
    return text.split(",") if field.type == "choices" and text else [text]


def acted(visit):
    """Do what one of the page's buttons asks for, then show the page anew."""
    deed = deeds.DEEDS.get(request.form.get("act", ""))
    if not deed or deed.trusted and not visit.trusted:
        abort(400, _("Press one of the buttons on the page."))
    try:
        answer = deed.do(visit)
    except Refused as refusal:
        db.session.rollback()
        named = {refusal.field: refusal.sentence} if refusal.field else {}
        return shown(visit, 422, ("bad", refusal.sentence), named, request.form)
    db.session.commit()
    return answer or redirect(f"{visit.url}?done={request.form['act']}", 303)
