"""Opens and clicks, answered ahead of Flask: the token is checked without the database, the hit is kept in memory."""

from maestro.content import links
from maestro.lib.wsgi import answer, reads_ahead
from maestro.tracking.hits import Buffer, target

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
PRIVATE = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex")]
NOWHERE = b"This link is not complete. Open it from the mail again, without changing it.\n"


class Tracking:
    """WSGI in front of the application: takes /o/ and /l/, hands on everything else."""

    def __init__(self, app):
        self.app = app
        self.next = app.wsgi_app
        self.hits = Buffer()
        self.targets = {}

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        take = {"/o/": self.opened, "/l/": self.clicked}.get(path[:3])
        if not take or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self.next(environ, start_response)
        return take(path[3:], environ, start_response)

    def opened(self, tail, environ, start_response):
        """The picture is answered for a broken token too: a mail shows no error."""
        found = self.app.extensions["tokens"].read("o", tail.removesuffix(".gif"))
        if found and environ["REQUEST_METHOD"] == "GET":
            self.note("open", found.id, None, environ)
        return answer(start_response, "200 OK", PIXEL, [("Content-Type", "image/gif"), *PRIVATE])

    def clicked(self, tail, environ, start_response):
        found = links.read(self.app.extensions["tokens"], tail)
        url = found and (found.url or self.target(found.id >> 32, found.number))
        if not url:
            return answer(start_response, "404 Not Found", NOWHERE, [("Content-Type", "text/plain"), *PRIVATE])
        if environ["REQUEST_METHOD"] == "GET":
            self.note("click", found.id, found.number, environ)
        return answer(start_response, "302 Found", b"", [("Location", url), *PRIVATE])

    def note(self, kind, id, link, environ):
        self.hits.take(kind, id, link, environ.get("HTTP_USER_AGENT", ""), self.app, reads_ahead(environ))

    def target(self, job_id, number):
        """Where the link leads; looked up once, as a sent job's links never change."""
        key = job_id, number
        if key not in self.targets:
            with self.app.app_context():
                url = target(job_id, number)
            if not url or len(self.targets) > 10_000:
                return url
            self.targets[key] = url
        return self.targets[key]
