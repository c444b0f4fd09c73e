"""What every answer of every door has in common: its headers, its pages, its downloads, and where it may lead."""

import json
import secrets
from contextvars import ContextVar
from itertools import chain
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Response, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

client = ContextVar("client", default="")          # the address that the current request comes from
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FEATURES = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone",
            "midi", "payment", "usb")

POLICIES = {                                       # Content-Security-Policy by origin
    "admin": ("default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; "
              "img-src 'self' data:; frame-src 'self' {content}; connect-src 'self'; object-src 'none'; "
              "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    "public": ("default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
               "frame-src {content}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    "content": ("sandbox; default-src 'none'; img-src https: data:; style-src 'unsafe-inline' https:; "
                "font-src https: data:; form-action 'none'; base-uri 'none'"),
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
}
BY_ORIGIN = {
    "admin": {"Referrer-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
              "Cache-Control": "no-store"},
    "public": {"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"},
    "content": {"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "cross-origin"},
}
HSTS = "max-age=31536000; includeSubDomains"


def prepare(app, config):
    """Give every request its id, its nonce and its origin, and every answer its headers."""
    if config.PROXIES:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.PROXIES, x_proto=config.PROXIES, x_host=config.PROXIES)
    app.before_request(begin)
    app.after_request(lambda response: protect(response, config))
    app.context_processor(lambda: {"csp_nonce": g.get("nonce", "")})


def begin():
    g.request_id, g.nonce = secrets.token_hex(8), secrets.token_urlsafe(16)
    client.set(request.remote_addr or "")


def host():
    """The Host header; empty when it names none of ours."""
    try:
        return request.host
    except SecurityError:
        return ""


def here():
    """The path and the question that were asked for."""
    return request.full_path if request.query_string else request.path


def origins(host, config):
    """Which of admin, public and content are served at `host` (a Host header); ports count where names are equal."""
    places = {name: urlsplit(getattr(config, f"{name}_url")) for name in BY_ORIGIN}
    exact = {name for name, place in places.items() if place.netloc == host}
    return exact or {name for name, place in places.items() if place.hostname == urlsplit(f"//{host}").hostname}


def protect(response, config):
    """Set the headers of the origin in whose name a door answers (`g.origin`); what a view set itself stays."""
    origin = "content" if origins(host(), config) == {"content"} else g.get("origin", "public")
    for name, value in {**ALWAYS, **BY_ORIGIN[origin], "Content-Security-Policy": policy(origin)}.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def policy(origin):
    """What pages of an origin may load and run."""
    content = current_app.extensions["maestro"].content_url
    return POLICIES[origin].format(nonce=g.get("nonce", ""), content=content)


def is_forged():
    """Whether another site made the browser send this (T9): then a good cookie proves nothing."""
    if request.method not in UNSAFE:
        return False
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != host()


def own_path(target):
    """`target` when it is a path of our own that answers to GET, else None: nobody is led elsewhere by us."""
    parts = urlsplit(target or "")
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return None
    try:
        current_app.url_map.bind(host()).match(parts.path, "GET")
    except (HTTPException, RequestRedirect):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def referrer_path():
    """The page of ours from which the browser came, or None."""
    parts = urlsplit(request.referrer or "")
    return own_path(f"{parts.path}?{parts.query}") if parts.netloc == host() else None


def wants_json():
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def answer(data, status=200):
    """JSON that no browser takes for anything else."""
    return Response(json.dumps(data, ensure_ascii=False, default=str), status, content_type="application/json")


def download(chunks, name, kind="application/octet-stream"):
    """A file to save. `chunks` yields bytes; `name` may have any letters."""
    chunks = iter(chunks)
    first = next(chunks, b"")                      # what is refused at once is an ordinary answer, not a broken file
    response = Response(chain([first], chunks), content_type=kind)
    printable = "".join(letter for letter in name if letter.isprintable())
    response.headers.set("Content-Disposition", "attachment", filename=printable)
    response.headers["X-Accel-Buffering"] = "no"
    return response


class Paging(NamedTuple):
    """One page of `total` rows: which rows to fetch, and what the pager says."""

    offset: int
    limit: int
    text: str
    previous: str | None
    next: str | None


def paging(total, size=50):
    """The page that the request asks for by `page=`, counted from 1; the last one when it asks for too much."""
    last = max(1, -(-total // size))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    first, end = (number - 1) * size + 1, min(number * size, total)
    text = f"{first:,}–{end:,} of {total:,}" if total else "Nothing here"
    return Paging((number - 1) * size, size, text, page_url(number - 1) if number > 1 else None,
                  page_url(number + 1) if number < last else None)


def page_url(number):
    """This page of a list with everything else as it is."""
    kept = {name: values for name, values in request.args.lists() if name != "page"}
    return url_for(request.endpoint, **(request.view_args or {}), **{"page": number, **kept})
