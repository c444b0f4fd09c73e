"""Signing somebody up from outside: the address that Maestro's scripts know, and its twin in JSON.

Both are the public form without the form, for lists that are open to everyone. All that comes of a call is a mail
that asks for confirmation, under the limits of the form; an answer never tells who is known here.
"""

import json
from urllib.parse import parse_qsl

from flask import Response, request

from maestro.extensions import csrf, db
from maestro.external.door import bp
from maestro.lib import tongues, web, whole
from maestro.lib.errors import MaestroError, NotFound, Refused
from maestro.models import HostedList
from maestro.site import joining
from maestro.warehouse import fields, members, sites

CLASSIC = "/list/action/addSubscriberExternally.do"
OWN = ("mContainer", "mOwner", "mListId", "mSubscriber")
ASKED = "OK"                                       # the body of a success in the language of scripts


@bp.route(CLASSIC, methods=["GET", "POST"])
@csrf.exempt
def add_subscriber():
    """`mListId` is HL# and the list_ID; `mSubscriber` an address, or fields as JSON or as name=value&name=value."""
    given = {name: text for name, text in request.values.items() if name not in OWN}
    try:
        place = db.session.get(HostedList, number(request.values.get("mListId", "")) or 0)
        ask(place, {**given, **subscriber(request.values.get("mSubscriber", ""))}, CLASSIC)
    except MaestroError as refusal:
        db.session.rollback()
        return plain(refusal.sentence, refusal.status)
    return plain(ASKED, 200)


@bp.route("/api/v1/lists/<key>/subscribers", methods=["POST", "OPTIONS"])
@csrf.exempt
def add_subscriber_json(key):
    """JSON in and out: {"address", "fields": {name: value}, "language"}. Pages of other sites may call it too."""
    if request.method == "OPTIONS":
        return opened(Response(status=204))
    try:
        told = json_object(request.get_data(), "Send a JSON object with “address” and, if you like, “fields” and "
                           "“language”.")
        if not isinstance(told.get("fields", {}), dict):
            raise Refused("“fields” is a JSON object of names and values.", "fields")
        tongues.speak(str(told.get("language") or tongues.current()))
        place = db.session.query(HostedList).filter_by(key=key).one_or_none()
        ask(place, {**told.get("fields", {}), "address": told.get("address", "")}, request.path)
    except MaestroError as refusal:
        db.session.rollback()
        return opened(web.answer({"error": refusal.sentence, "field": refusal.field}, refusal.status))
    return opened(web.answer({"state": "confirmation"}, 202))


def opened(answer):
    """Answers without cookies may be read by any page."""
    answer.headers.update({"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "Content-Type",
                           "Access-Control-Allow-Methods": "POST"})
    return answer


def plain(text, status):
    return Response(text, status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


def number(text):
    """12 of `HL#12` or `12`."""
    return whole.number(text.strip().upper().removeprefix("HL#"))


def subscriber(text):
    """The fields in `mSubscriber`, by name."""
    text = text.strip()
    if text.startswith("{"):
        return json_object(text, "mSubscriber is no JSON object.", "mSubscriber")
    if "=" in text.partition("@")[0] and "&" in text or text.lower().startswith("address="):
        return dict(parse_qsl(text))
    return {"address": text} if text else {}


def json_object(text, sentence, field=None):
    """The object that a text of JSON holds; anything else, and what is nested beyond reading, is refused."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(sentence, field)
    return found


def ask(place, given, form):
    """Ask for the confirmation of a sign-up to a list that is open to everyone."""
    site = place and sites.of(place.dataset)
    if not site or site.state != "open" or site.is_closed or not place.shown:
        raise NotFound("There is no list here that is open to everyone.")
    check_letters(given)
    language = tongues.current() if tongues.current() in site.languages else (site.languages or ["en"])[0]
    values = parsed(place, {name.lower(): value for name, value in given.items()})
    joining.ask(site, [place], str(given.get("address", "")), values, request.remote_addr, language, form, how="api")
    db.session.commit()


def check_letters(given):
    """JSON can write half a letter, which no database keeps."""
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise Refused("This holds letters that cannot be stored.") from None


def parsed(place, given):
    """The values of those fields that subscribers may fill in themselves."""
    known = [field for field in fields.of(place.dataset, place) if field.shown == "edit"]
    found = {field.name: fields.parse(field, as_typed(field, given[field.name]))
             for field in known if field.name in given}
    members.check_required(place.dataset, found)
    members.refuse_lacking(place, found)
    return found


def as_typed(field, value):
    """A JSON value as a form would send it; only several choices stay several."""
    if value is None or isinstance(value, list) and field.type == "choices":
        return value and [str(one) for one in value]
    return str(value)
