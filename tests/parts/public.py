"""The public pages of a served installation, as somebody outside uses them."""

import itertools
import re
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from sqlalchemy import create_engine, text

from maestro.lib.tokens import Maker
from tests.parts.maestro import Maestro
from tests.parts.waiting import until

SETUP = ("setup", "--email", "root@example.org", "--organisation", "Fern", "--address", "12 Mill Lane", "--zone", "UTC",
         "--language", "en")


class Answer(NamedTuple):
    status: int
    text: str
    cookie: str


class Public:
    """An installation with an open site that has lists 1 to `lists`, which sends to the mail server at `port`."""

    def __init__(self, folder, database_url, port, lists=1):
        self.maestro = Maestro(folder, MAESTRO_DATABASE_URL=database_url, MAESTRO_PROXIES="1",
                               MAESTRO_SMTP_URL=f"smtp://127.0.0.1:{port}?tls=none")
        self.folder, self.lists = folder, lists
        file = f"sqlite:///{folder / 'maestro.db'}"
        self.engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1) or file)
        self.callers = itertools.count(1)

    def __enter__(self):
        self.maestro.__enter__()
        self.maestro.flask(*SETUP, stdin="correct horse battery 7\n")
        self.maestro.flask("group-create", "News")
        self.maestro.flask("dataset-create", "Customers", "--group", "News")
        for number in range(self.lists):
            self.maestro.flask("list-create", f"Offers {number}", "--dataset", "1")
        self.maestro.flask("site-change", "1", "--state", "open")
        self.site = urlsplit(self.maestro.flask("site-show", "1")["url"]).path
        self.keys = [key for key, in self.rows("SELECT key FROM hosted_list ORDER BY id")]
        return self

    def __exit__(self, *problem):
        self.engine.dispose()
        self.maestro.__exit__(*problem)

    def ask(self, method, path, form=None, cookie=""):
        """One request, each from a network of its own; a `form` that is a text is JSON.

        Raises OSError or HTTPException when no answer comes.
        """
        number = next(self.callers)
        kind, body = ("json", form) if isinstance(form, str) else ("x-www-form-urlencoded", urlencode(form or {}, True))
        headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                   "Content-Type": f"application/{kind}", "Cookie": cookie}
        connection = HTTPConnection("127.0.0.1", self.maestro.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
            return Answer(answer.status, answer.read().decode(), cookie)
        finally:
            connection.close()

    def get(self, path, cookie=""):
        return self.ask("GET", path, cookie=cookie)

    def post(self, path, form=None, cookie=""):
        return self.ask("POST", path, form, cookie)

    def patient(self, method, *asked):
        """As `ask`, again and again until somebody answers."""
        def tried():
            try:
                return self.ask(method, *asked)
            except (OSError, HTTPException):
                return None
        return until(tried, 60, "Nobody answers.")

    def seal(self):
        """The sign of a form of the site."""
        return hidden(self.patient("GET", f"{self.site}/login").text, "seal")

    def sign_up(self, address, key=None):
        """The form of the second step, as its page would send it; good from two seconds on."""
        return f"{self.site}/subscribe", {"seal": self.seal(), "address": address, "list": key or self.keys[0],
                                          "details": "1", "consent": "1"}

    def rows(self, query, **values):
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def number(self, query, **values):
        return self.rows(query, **values)[0][0]

    def change(self, query, **values):
        with self.engine.begin() as connection:
            connection.execute(text(query), values)

    def token(self, kind, number):
        return Maker((self.folder / "secret.key").read_text().strip()).mint(kind, number)


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found and found[1]
