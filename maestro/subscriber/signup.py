"""The front page of a site, and signing up in two steps: address and lists, then the fields and the consent."""

from flask import make_response, redirect, request, url_for

from maestro.extensions import csrf, db
from maestro.lib import addresses, tongues, web
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.site import consenting, joining, knocks
from maestro.subscriber import inputs, sealed
from maestro.subscriber.door import bp
from maestro.subscriber.entrance import MEMBERS, OPEN, enter, findable, message, show, visitor
from maestro.warehouse import sites


@bp.get("/s/<key>")
def site_home(key):
    """The lists of an open site; the log-in of one for subscribers only."""
    site = enter(key, MEMBERS)
    if visitor(site):
        return redirect(url_for(".area", key=key))
    if site.state not in OPEN:
        return redirect(url_for(".log_in", key=key))
    return findable(show("home", site, lists=sites.offered(site)))


@bp.get("/s/<key>/subscribe")
def subscribe(key):
    """The first step; a form on another site may have brought an address and lists along."""
    site = enter(key, OPEN)
    lists = sites.offered(site)
    wanted = request.args.getlist("list")
    chosen = [list for list in lists if list.key in wanted or len(lists) == 1]
    return findable(show("subscribe", site, lists=lists, chosen=chosen, seal=sealed.seal(key), errors={},
                         address=request.args.get("address", "")[:320]))


@bp.post("/s/<key>/subscribe")
@csrf.exempt
def subscribe_send(key):
    """Signed by its page; no cookie takes part. What comes back is the same for known and unknown addresses."""
    site = enter(key, OPEN)
    lists = sites.offered(site)
    chosen = [list for list in lists if list.key in request.form.getlist("list")]
    address, errors = request.form.get("address", "")[:320], {}
    hasty = sealed.is_hasty(key)
    try:
        judged = addresses.judge(address)
    except Refused as refusal:
        errors["address"] = refusal.sentence
    if not chosen:
        errors["list"] = _("Choose at least one list.")
    if hasty and not errors:
        errors["form"] = _("That was very quick. Press the button once more.")
    if errors:
        return show("subscribe", site, 422, lists=lists, chosen=chosen, address=address, seal=request.form["seal"],
                    errors=errors)
    return second_step(site, judged, chosen)


def second_step(site, judged, chosen):
    """Show the fields and the consent, or take what was filled in there."""
    asked = inputs.answerable(inputs.asked(site.dataset, chosen))
    if "details" not in request.form:
        return details(site, judged, chosen, asked)
    values, errors = inputs.read(asked)
    errors |= inputs.unfit(asked, values)
    if not request.form.get("consent"):
        errors["consent"] = _("Tick the box to agree. Without it you cannot be signed up.")
    if errors:
        return details(site, judged, chosen, asked, errors, 422)
    if not sealed.is_trapped():
        joining.ask(site, chosen, judged.given, values, request.remote_addr, tongues.current(),
                    form=f"/s/{site.key}/subscribe", proven=sealed.is_solved(judged.given))
        db.session.commit()
    return message(site, _("Check your inbox"),
                   _("We sent a message to the address that you gave. Open it and confirm that you want these mails. "
                     "If nothing comes within some minutes, look among unwanted mails."))


def details(site, judged, chosen, asked, errors=(), status=200):
    """The second step's page. While a list is crowded it has a puzzle, and leave to run the script that solves it."""
    puzzle = knocks.crowd(chosen) > 0
    response = make_response(show(
        "details", site, status, asked=asked, faces=inputs.faces(asked), start=inputs.start, chosen=chosen,
        address_given=judged.given, seal=request.form["seal"], errors=errors or {}, given=request.form, puzzle=puzzle,
        zeros=sealed.ZEROS, wording=consenting.wording(site, chosen)))
    if puzzle:
        response.headers["Content-Security-Policy"] = web.policy("public") + "; script-src 'self'"
    return response
