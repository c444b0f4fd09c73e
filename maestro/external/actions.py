"""The trigger URL, /lui/externalAction.do: it speaks HTTP, and `triggers` decides."""

import threading
import time
from contextlib import contextmanager, suppress

from flask import Response, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from maestro import actions
from maestro.accounts import throttle
from maestro.exchange import bodies, sources
from maestro.extensions import csrf, db, set_reading
from maestro.external.door import bp
from maestro.lib import clock, crash, web, wsgi
from maestro.lib.errors import MaestroError, NotFound, TooMany
from maestro.lib.tabular.limits import UPLOAD
from maestro.models import Importer, ImportRun
from maestro.triggers import calls, deciding, deeds

WAIT, LONGEST = 25, 300                            # seconds that a call waits for its run
WAITERS = threading.BoundedSemaphore(4)            # calls that wait at the same time; more are answered 202
LOOK = 0.1                                         # seconds between two looks at a run
LATER = "10"                                       # seconds, as a header has them, after which to try again
PREVIEWERS = ("slackbot", "skypeuripreview", "facebookexternalhit", "twitterbot", "discordbot", "whatsapp",
              "linkedinbot", "telegrambot", "googlebot", "bingbot")
SHOWN = {"image", "script", "iframe", "style", "embed", "object"}          # Sec-Fetch-Dest of what nobody asked for
PLAIN = "text/plain; charset=utf-8"
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")      # after POST: refused in a line


@bp.route(actions.PATH, methods=METHODS, provide_automatic_options=False)
@csrf.exempt
def external_action():
    """Do what the token stands for. Errors are one line of plain text that a person understands."""
    set_reading(False)
    if request.method not in ("GET", "POST"):
        return said(405, "Send GET or POST.", {"Allow": "GET, POST"})
    if is_previewer():
        return said(403, "Open this link from your script: it was asked for as a preview, and nothing was done.")
    try:
        return answered(handle())
    except TooMany as refusal:
        return said(429, refusal.sentence, {"Retry-After": str(int(refusal.retry_after) + 1)})
    except MaestroError as refusal:
        db.session.rollback()
        later = {"Retry-After": LATER} if refusal.status == 503 else {}
        return said(refusal.status, refusal.sentence, later)
    except HTTPException as refusal:
        db.session.rollback()
        return said(refusal.code, f"REFUSED: {refusal.name}")
    except OperationalError:
        db.session.rollback()
        return said(503, "NOT NOW: the database does not answer. Nothing was accepted.", {"Retry-After": LATER})


def is_previewer():
    """A chat, a mail scanner or a browser that reads ahead, but no script and no person."""
    agent = request.headers.get("User-Agent", "").lower()
    return (wsgi.reads_ahead(request.environ) or request.headers.get("Sec-Fetch-Dest") in SHOWN
            or any(name in agent for name in PREVIEWERS))


def handle():
    call = calls.Call(
        token=token(), method=request.method, ip=web.client.get(), asked=request.args.to_dict(),
        key=request.headers.get("Idempotency-Key") or request.args.get("key", ""))
    with guarded(call), kept_body(call) as call:
        answer = deciding.decide(call)
        if answer.status == 403:                   # of a leaked token others do not fill the log
            throttle.count_guess(call.ip)
        crash.point("call_decided")
        db.session.commit()
    crash.point("call_committed")
    if answer.rest:
        answer = deeds.fulfil(answer)
        db.session.commit()
    return waited(answer) if answer.status == 202 else answer


def token():
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else request.args.get("token", "")


@contextmanager
def guarded(call):
    """Wrong tokens are counted by the caller's address: 30 in an hour, then nobody looks."""
    throttle.brake_guesses(call.ip)
    try:
        yield
    except NotFound:
        db.session.rollback()
        throttle.count_guess(call.ip)
        db.session.commit()
        raise


@contextmanager
def kept_body(call):
    """The call with its body stored, if its importer takes one; a body that led to no run is forgotten."""
    action = calls.known(call.token)
    importer = db.session.get(Importer, action.subject_id) if action.kind == "import" else None
    db.session.rollback()                          # nobody waits while the body arrives
    if request.method != "POST" or not importer or importer.source != "post" or call.asked.get("status") == "1":
        yield call
        return
    request.max_content_length = UPLOAD
    key, format = bodies.store(importer, request.stream, request.content_type or "")
    try:
        yield call._replace(body=key, format=format, digest=bodies.digest(key))
    finally:
        with suppress(OperationalError):           # without the database nobody knows: then it stays
            db.session.rollback()
            if not db.session.query(ImportRun.id).filter_by(storage=key).first():
                sources.forget(key)
            db.session.rollback()


def waited(answer):
    """What the run has come to, if it ends while we wait. The call was accepted, whatever happens meanwhile."""
    seconds = min(max(request.args.get("wait", WAIT, type=int), 0), LONGEST)
    if not seconds or not WAITERS.acquire(blocking=False):
        return answer
    try:
        ends = clock.monotonic() + seconds
        while (found := settled(answer)).status == 202 and clock.monotonic() < ends:
            time.sleep(LOOK)
        return found
    except OperationalError:
        db.session.rollback()
        return answer
    finally:
        WAITERS.release()


def settled(answer):
    found = calls.settle(answer)
    db.session.commit()
    return found


def answered(answer):
    headers = {"X-Maestro-Id": answer.id, "X-Maestro-Result": answer.result, "X-Maestro-Run": answer.run,
               "X-Maestro-Rows": answer.rows, "Retry-After": LATER if answer.status == 503 else None}
    headers = {name: str(value) for name, value in headers.items() if value not in (None, "")}
    if answer.made:
        made = answer.made
        response = web.download(made.chunks, made.name, made.type)
        response.headers.update({**headers, **made.headers, "Content-Length": str(made.length)})
        return hidden(response)
    if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "application/json":
        facts = {"answer": answer.body, **{name: getattr(answer, name) for name in ("id", "result", "run", "rows")}}
        response = web.answer({**facts, "counts": counts(answer)}, answer.status)
        response.headers.update(headers)
        return hidden(response)
    return said(answer.status, answer.body, headers)


def counts(answer):
    run = db.session.get(ImportRun, answer.run) if answer.run else None
    names = ("added", "changed", "unchanged", "removed", "protected", "rejected")
    return {name: run.counts.get(name, 0) for name in names} if run else {}


def said(status, line, headers=None):
    """One line of plain text: of a success exactly OK, without a line's end."""
    return hidden(Response(line, status, headers=headers, content_type=PLAIN))


def hidden(response):
    """Kept by nobody and found by nobody; the token stands in its address."""
    g.origin = "public"
    response.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return response
