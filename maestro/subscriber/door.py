"""The door for recipients. Who holds a link from a mail is let in by its token; nothing here needs a log-in.

GET and HEAD change nothing: mail scanners open every link.
"""

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, g, render_template, request, url_for

from maestro.accounts import settings
from maestro.extensions import set_reading
from maestro.lib.tongues import gettext as _
from maestro.site import letters

bp = Blueprint("subscriber", __name__)


@bp.before_request
def prepare():
    set_reading(request.method in ("GET", "HEAD", "OPTIONS"))
    g.origin = "public"


@bp.context_processor
def shown_everywhere():
    if g.get("is_broken"):
        return {}
    site = g.get("site")
    return {"brand": letters.title(site) if site else settings.get("organisation"), "postal": settings.get("address"),
            "dress": g.get("dress"), "tongues": g.get("offered") if site else None, "in_tongue": in_tongue}


def in_tongue(code):
    """The address of this page in another language."""
    return url_for(request.endpoint, **{**(request.view_args or {}), **request.args.to_dict(), "lang": code})


@bp.after_request
def keep_private(response):
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Robots-Tag", "noindex")
    return response


def read(kind, token):
    """What a token of this kind says; a page that says the link is broken otherwise."""
    found = current_app.extensions["tokens"].read(kind, token)
    if not found:
        abort(404, _("This link is not complete. Open it from the mail again, without changing it."))
    return found


def is_whole(kind, token):
    """Whether we signed this token for links of this kind."""
    return current_app.extensions["tokens"].read(kind, token) is not None


def on_content_host():
    return request.host == urlsplit(current_app.extensions["maestro"].content_url).netloc


def of_a_test(sentence):
    """The page behind a link of a test delivery, which leads to nobody's own things."""
    return page("message", heading=_("This was a test"), sentence=sentence)


def page(name, **values):
    return render_template(f"subscriber/{name}.html", **values)
