"""Refusals and failures as answers: a page or JSON with one plain sentence; never what an exception says."""

import logging

from flask import g, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, default_exceptions

from maestro.lib import web
from maestro.lib.errors import MaestroError
from maestro.lib.tongues import gettext as _

log = logging.getLogger("maestro.failures")


def prepare(app):
    app.register_error_handler(MaestroError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(DataError, unstorable)
    app.register_error_handler(OverflowError, unstorable)
    app.register_error_handler(Exception, broken)


def refused(refusal):
    response = said(refusal.status, refusal.sentence, field=refusal.field)
    if retry := getattr(refusal, "retry_after", None):
        response[0].headers["Retry-After"] = str(int(retry) + 1)
    return response


def forged(_error):
    return said(403, _(
        "This form was open for too long, or came from somewhere else. Load its page again and repeat it."))


def http_error(error):
    """`abort(404, "...")` says its own sentence; the texts that Werkzeug brings along are left out."""
    if error.code is None or error.code < 400:
        return error.get_response()
    plain = type(error) is default_exceptions.get(error.code) and error.description != type(error).description
    return said(error.code, error.description if plain else None, headers=error.get_headers())


def unstorable(_error):
    """What no column can hold, such as a number beyond all rows or a text with NUL: nobody types that."""
    log.warning("A request holds what cannot be stored.", exc_info=True)
    return said(400, _("Something in this address or form cannot be understood."), is_broken=True)


def broken(_error):
    log.exception("A request broke.")
    return said(500, None, reference=g.get("request_id"), is_broken=True)


def said(code, sentence, reference=None, field=None, headers=(), is_broken=False):
    g.is_broken = is_broken or code >= 500         # the page of such an error asks nothing of the database
    if code in (401, 403, 429):
        log.warning("Refused with %d.", code)
    if web.wants_json():
        response = web.answer({"error": sentence or "This did not work.", "field": field, "reference": reference}, code)
    else:
        page = render_template("errors/error.html", code=code, sentence=sentence, reference=reference, home=home())
        response = web.Response(page, code)
    for name, value in headers:
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response, code


def home():
    """Where to go on: the page before, else nothing."""
    return web.referrer_path() if request.method in web.UNSAFE else None


def go_back(refusal):
    """An answer for a form that was refused as a whole: back to its page, if it came from one of ours."""
    path = web.referrer_path()
    return redirect(path, 303) if path else refused(refusal)
