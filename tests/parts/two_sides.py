"""A whole Maestro beside a company's database, driven from outside: by the pages, the trigger URL and some commands."""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

from tests.parts.company import CHOICES, COMPANIES, OWN, QUERY, STATEMENTS, TYPES
from tests.parts.maestro import Maestro
from tests.parts.shop import HERE
from tests.parts.waiting import until
from tests.parts.web import Web

CHECKER = Path(__file__).parent / "checker.py"
ADMIN = {"email": "root@example.org", "password": "correct horse battery 7"}
EXPORTERS = {"All members": "members", "All subscribers": "subscribers", "Change log": "changes"}


class TwoSides:
    """`with TwoSides(folder, warehouse's URL, kind, server of the company, mail sink) as both:` is set up and empty."""

    def __init__(self, folder, database, kind, server, sink):
        self.folder, self.sink = Path(folder), sink
        self.company = COMPANIES[kind](server)
        self.maestro = Maestro(self.folder / "data", MAESTRO_DATABASE_URL=database, MAESTRO_PROXIES="1",
                               MAESTRO_EGRESS_ALLOW=HERE, MAESTRO_SMTP_URL=f"smtp://127.0.0.1:{sink.port}?tls=none")
        self.web = Web(self.maestro.url)

    def log_in(self):
        """Again: a check takes longer than a session that nobody uses stays open."""
        self.web = Web(self.maestro.url)
        self.web.send("/login", **ADMIN)

    def __enter__(self):
        self.maestro.__enter__()
        self.make_audience()
        self.connect()
        return self

    def __exit__(self, *problem):
        self.company.owner.close()
        self.maestro.__exit__(*problem)

    def make_audience(self):
        """A dataset with a list, its fields, its key, and a site that is open."""
        self.web.send(self.maestro.setup_url, **ADMIN, organisation="Fern Ltd", address="12 Mill Lane, Bristol",
                      sample="no")
        self.web.send("/admin/datasets/new", name="Customers")
        self.dataset = self.web.number()
        self.web.send(f"/admin/datasets/{self.dataset}/lists/new", name="Offers")
        self.list = self.web.number()
        for name, type in TYPES.items():
            own = f"?list={self.list}" if name in OWN else ""
            self.web.send(f"/admin/datasets/{self.dataset}/fields/new{own}", label=name.title(), name=name, type=type,
                          choices="\n".join(CHOICES.get(name, ())))
        self.web.send(f"/admin/datasets/{self.dataset}/settings", key_field="customer_no")
        site = f"/admin/datasets/{self.dataset}/site"
        self.web.send(site, state="open")
        self.site = re.search(r"http://[\w.:]+/s/[\w-]+", self.web.get(f"{site}/urls"))[0]
        listed = re.findall(r'/admin/exporters/(\d+)"[^>]*>([^<]+)<',
                            self.web.get(f"/admin/datasets/{self.dataset}/exporters"))
        self.tokens = {EXPORTERS[name]: self.token("export", number) for number, name in listed if name in EXPORTERS}

    def connect(self):
        """A connection that may write, and an importer that is enabled and has a token."""
        place = self.company.place
        self.web.send("/admin/connections/new", name="Shop", kind=place["kind"], host=place["host"],
                      port=place["port"], database=place["database"], username=place["user"],
                      password=place["password"], tls="none", may_write="y")
        self.connection = self.web.number()
        columns = {"address": "email", **{name: name for name in TYPES}}
        self.importer = self.maestro.flask(
            "importer-create", "Nightly", "--list", str(self.list), "--connection", str(self.connection), "--query",
            QUERY, *(word for name, column in columns.items() for word in ("--map", f"{name}={column}")), "--mode",
            "synchronise", "--key", "customer_no")["id"]
        page = f"/admin/importers/{self.importer}"
        self.web.send(f"{page}/enable", page=page)
        self.tokens["nightly"] = self.token("import", self.importer)
        rules = re.search(r"/admin/actions/\d+/rules", self.web.get(page))[0]
        self.web.send(rules, gap="0")

    def token(self, kind, number):
        """The trigger URL of an importer or exporter, as its page shows it."""
        page = f"/admin/{kind}ers/{number}"
        return re.search(r"http://[\w.:]+/lui/externalAction\.do\?token=[\w-]+",
                         self.web.send(f"/admin/actions/{kind}/{number}", page=page))[0]

    def write_back(self):
        """Our changes go into the customers' table from now on; where both sides changed something, theirs stays."""
        self.web.send(f"/admin/connections/{self.connection}/writebacks/new", target=f"l{self.list}")
        self.page = re.search(r"/admin/writebacks/\d+", self.web.at)[0]
        self.web.send(f"{self.page}/statements", **STATEMENTS, rule="source")
        self.web.send(f"{self.page}/enable", page=self.page)

    def conflicts(self):
        """How many the write-back's page tells of."""
        return int(re.search(r"Conflicts so far.*?(\d+)", self.web.get(self.page), re.DOTALL)[1])

    def night(self):
        """What cron does; the counts of the run."""
        told = self.over("wait=300") or until(partial(self.over, "status=1"), 3600, pause=1)
        assert told["answer"] == "OK", told
        return told["counts"]

    def over(self, how):
        """What the URL answers when nothing runs any more."""
        told = self.ask(how)
        return None if told["answer"].startswith("RUNNING") else told

    def ask(self, how):
        """What the nightly importer's trigger URL answers."""
        asked = Request(f"{self.tokens['nightly']}&{how}", headers={"Accept": "application/json"})
        with urlopen(asked, timeout=330) as answer:                              # noqa: S310 - our own server
            return json.load(answer)

    def check(self):
        """What the checker says of the time since it was asked last; it must find both sides the same."""
        self.maestro.flask_text("changelog", "--since", str(10**15), "--format", "text")     # publishes what waits
        told = self.folder / "checker.json"
        told.write_text(json.dumps({
            **self.tokens, "files": str(self.maestro.folder / "changelog"), "source": self.company.place,
            "query": QUERY, "types": TYPES, "own": OWN}))
        done = subprocess.run([sys.executable, CHECKER, told], cwd=self.folder, capture_output=True, text=True,
                              timeout=3600)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        self.log_in()
        return json.loads(done.stdout)
