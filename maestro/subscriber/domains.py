"""A host name of a site's own: its pages answer there too, and nothing else does."""

from urllib.parse import urlsplit

from sqlalchemy import select

from maestro.extensions import db, reading
from maestro.lib import clock
from maestro.lib.wsgi import answer
from maestro.models import Site

FRESH = 30                                         # seconds for which the names are remembered
SHARED = ("/static/", "/c/", "/p/", "/u/", "/f/", "/v/")       # what every site has besides its own pages
NOTHING = b"There is nothing here.\n"
FORWARDED = "HTTP_X_FORWARDED_HOST"


class Domains:
    """WSGI in front of the application: a request to a site's host becomes one to the public address."""

    def __init__(self, app):
        self.app, self.next = app, app.wsgi_app
        config = app.extensions["maestro"]
        self.ours, self.proxies = set(config.hosts), config.PROXIES
        self.public = urlsplit(config.public_url).netloc
        self.names, self.until = {}, 0

    def __call__(self, environ, start_response):
        host = self.host(environ)
        key = None if host in self.ours else self.site(host)
        if not key:
            return self.next(environ, start_response)
        path = environ.get("PATH_INFO", "")
        if path in ("", "/"):
            return answer(start_response, "302 Found", b"", [("Location", f"/s/{key}"), ("Cache-Control", "no-store")])
        if not f"{path}/".startswith((f"/s/{key}/", *SHARED)):
            return answer(start_response, "404 Not Found", NOTHING, [("Content-Type", "text/plain")])
        environ["HTTP_HOST"] = self.public
        environ.pop(FORWARDED, None)
        return self.next(environ, start_response)

    def host(self, environ):
        """The name that the browser asked for, without a port; a proxy's word counts only behind proxies of ours."""
        named = environ.get(FORWARDED, "").rpartition(",")[2].strip() if self.proxies else ""
        return (named or environ.get("HTTP_HOST", "")).rpartition("@")[2].partition(":")[0].lower()

    def site(self, host):
        """The public name of the site that has this host, or None."""
        if clock.monotonic() > self.until:
            with self.app.app_context(), reading():
                found = db.session.execute(select(Site.domain, Site.key).where(Site.domain.is_not(None))).all()
                self.names, self.until = dict(map(tuple, found)), clock.monotonic() + FRESH
        return self.names.get(host)
