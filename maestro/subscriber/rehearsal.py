"""Pages and mails of a site with made-up people on them, for its owner: on the content origin, where nothing works."""

from datetime import timedelta
from types import SimpleNamespace

from flask import Response, abort, current_app, g, render_template
from itsdangerous import BadData
from werkzeug.datastructures import MultiDict

from maestro.extensions import db
from maestro.lib import clock, tongues
from maestro.lib.tongues import gettext as _
from maestro.mailing import preview
from maestro.models import HostedList, Site
from maestro.site import consenting, dress, letters, preferences, samples
from maestro.subscriber import area, inputs
from maestro.subscriber.door import bp, on_content_host, page
from maestro.subscriber.forward import ForwardForm
from maestro.warehouse import sites

ADDRESS = "ann@example.org"
POLICY = ("sandbox; default-src 'none'; style-src {here}; img-src {here} data:; form-action 'none'; base-uri 'none'; "
          "frame-ancestors {admin}")
OF_MAIL = ("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; form-action 'none'; "
           "base-uri 'none'; frame-ancestors {admin}")


@bp.get("/rehearsal/<token>")
def rehearsal(token):
    if not on_content_host():
        abort(404)
    try:
        _kind, site_id, list_id, name, language, draft = preview.signer().loads(token, max_age=preview.AGE)
    except (BadData, ValueError):
        abort(404, _("This preview is over. Load the page that shows it again."))
    site, list = db.session.get(Site, site_id), list_id and db.session.get(HostedList, list_id)
    g.site = site
    tongues.speak(language)
    look = dress.wear(site, list, draft)
    if name in samples.MAILS:
        return mail(site, name.removeprefix("mail_"), language, look)
    return framed(rendered(site, name), POLICY)


def framed(html, policy):
    config = current_app.extensions["maestro"]
    answer = Response(html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = policy.format(here=config.content_url, admin=config.admin_url)
    return answer


def mail(site, name, language, look):
    """The HTML of a mail as it would go out, or its text where it has no HTML."""
    url = current_app.extensions["maestro"].public_url + f"/s/{site.key}"
    subject, text, html = letters.composed(
        site, language, name, look, address=ADDRESS, url=url, lists=lists_of(site), asked_at=clock.now(),
        days=site.confirm_days, network="192.0.2.0/24", consent=None, new=ADDRESS,
        links=[(list.name, url) for list in lists_of(site)])
    return framed(html or render_template("subscriber/plain_mail.html", subject=subject, text=text), OF_MAIL)


def lists_of(site):
    made_up = SimpleNamespace(id=0, key="x", name=_("Newsletter"), description="", rhythm="", consent="")
    return sites.offered(site) or [made_up]


def person(site):
    """Somebody who fills in nothing."""
    empty = {field.name: None for field in site.dataset.fields}
    return {"id": 0, "address": ADDRESS, "state": "confirmed", "epoch": 0, **empty}


def rendered(site, name):
    template, values = CASES[name](site, lists_of(site))
    return page(template, site=site, title=letters.title(site), **values)


def signing_up(site, lists, **more):
    return "subscribe", {"lists": lists, "chosen": lists[:1], "address": "", "seal": "", "errors": {}, **more}


def details(site, lists, **more):
    asked = inputs.answerable(inputs.asked(site.dataset, lists))
    return "details", {"asked": asked, "faces": inputs.faces(asked), "start": inputs.start, "chosen": lists,
                       "address_given": ADDRESS, "seal": "", "errors": {}, "given": MultiDict(), "puzzle": False, "zeros": 0,
                       "wording": consenting.wording(site, lists), **more}


def behind(site, lists, step, is_no=False):
    link = SimpleNamespace(purpose="join", address=ADDRESS, data={})
    return "mailed", {"link": link, "step": step, "is_no": is_no, "error": None, "address": ADDRESS, "lists": lists}


def mine(site, lists, trusted):
    row = person(site)
    places = {list.id: SimpleNamespace(state="confirmed", frequency="all", paused_until=None) for list in lists}
    visit = SimpleNamespace(site=site, row=row, trusted=trusted, url="#", guard="")
    account = SimpleNamespace(language="", paused_until=clock.now() + timedelta(days=30), password_hash=None)
    return "area", {
        "visit": visit, "row": row, "lists": lists, "mine": lists[:1], "places": places, "account": account,
        **area.profile_of(site, lists), "more": (), "shown_texts": area.texts, "said": None, "errors": (),
        "given": None, "pauses": preferences.PAUSES, "wording": consenting.wording(site, lists),
        "address": None if trusted else ADDRESS, "offered": site.languages or list_of_tongues()}


def list_of_tongues():
    return [*tongues.LANGUAGES]


def message(heading, sentence):
    return lambda _site, _lists: ("message", {"heading": heading(), "sentence": sentence(), "url": None, "label": None})


def leaving(step):
    return lambda site, lists: ("unsubscribe", {
        "step": step, "place": SimpleNamespace(name=lists[0].name, list=lists[0], dataset=site.dataset), "others": 1,
        "lists": (), "address": ADDRESS})


CASES = {
    "home": lambda site, lists: ("home", {"lists": lists}),
    "home_empty": lambda site, lists: ("home", {"lists": []}),
    "subscribe": signing_up,
    "subscribe_refused": lambda site, lists: signing_up(site, lists, chosen=[], errors={
        "address": _("An address has a name, an @ and a domain, such as ann@example.org."),
        "list": _("Choose at least one list.")}),
    "details": details,
    "details_refused": lambda site, lists: details(site, lists, errors={
        "consent": _("Tick the box to agree. Without it you cannot be signed up.")}),
    "sent": message(lambda: _("Check your inbox"), lambda: _(
        "We sent a message to the address that you gave. Open it and confirm that you want these mails. If nothing "
        "comes within some minutes, look among unwanted mails.")),
    "confirm": lambda site, lists: behind(site, lists, "ask"),
    "confirm_over": lambda site, lists: behind(site, lists, "over"),
    "confirm_no": lambda site, lists: behind(site, lists, "ask", True),
    "welcome": lambda site, lists: ("welcome", {"lists": lists, "again": False, "unkept": ()}),
    "welcome_again": lambda site, lists: ("welcome", {"lists": lists, "again": True, "unkept": None}),
    "login": lambda site, lists: ("login", {"seal": "", "address_given": "", "error": None, "forgot": False}),
    "area": lambda site, lists: mine(site, lists, False),
    "area_trusted": lambda site, lists: mine(site, lists, True),
    "unsubscribe": leaving("ask"),
    "unsubscribed": leaving("left"),
    "forward": lambda site, lists: ("forward", {"form": ForwardForm(formdata=None), "left": 10, "wish": None}),
    "forwarded": lambda site, lists: ("forward_done", {"friends": 2}),
    "closed": message(lambda: _("Not now"), lambda: _(
        "These pages are closed for maintenance. Come back a little later. Unsubscribing works all the same.")),
    "broken": lambda _site, _lists: ("broken", {"seal": "", "address_given": "", "error": None}),
    "missing": message(lambda: _("There is nothing here"), lambda: _(
        "The address may be mistyped, or what it showed is gone.")),
}
