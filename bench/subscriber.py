"""The public pages under load, against an empty page of the same server: signing up, confirming, leaving, tracking."""

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert, select

from app import create_app
from bench import load
from bench.table import Row
from maestro import migrations
from maestro.accounts import groups, setup
from maestro.config import Config
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.death import die_with_parent
from maestro.models import Link, MailedLink, MailJob, Site, Subscription
from maestro.site import links
from maestro.subscriber import sealed
from maestro.supervisor import parts
from maestro.tracking import hits
from maestro.warehouse import datasets, lists, tables
from tests.parts.maestro import outside
from tests.parts.ports import free_port
from tests.parts.postgres import Cluster
from tests.parts.redis import running
from tests.parts.waiting import until

PEOPLE, LISTS, EMPTY, HITS = 1500, 20, 6000, 30_000
FEW, MANY = 8, 32                                  # connections: as many as the server has threads; of tracking, more
FORM = 5                                           # seconds for which the form of a sign-up was open
AGENT = b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FACTORIES = {"shipped": "app:create_app", "silent": "bench.subscriber:silent", "direct": "bench.subscriber:direct"}


def silent():
    """The application whose opens and clicks are recorded by nobody."""
    app = create_app()
    app.wsgi_app.hits.take = lambda *hit: None
    return app


def direct():
    """The application that inserts each hit into the database before it answers."""
    app = create_app()

    def take(kind, id, link, agent, app, ahead):
        with app.app_context():
            hits.store([hits.noted(kind, id, link, agent, ahead)])
    app.wsgi_app.hits.take = take
    return app


class Installation:
    """A filled database, and web servers on it."""

    def __init__(self, folder, url, redis_url):
        folder.mkdir()
        self.port = free_port()
        self.environment = {"MAESTRO_SECRET_KEY": "0" * 64, "MAESTRO_DATA": str(folder), "MAESTRO_DATABASE_URL": url,
                            "MAESTRO_REDIS_URL": redis_url, "MAESTRO_PORT": str(self.port), "MAESTRO_PROXIES": "1"}
        self.config = Config.from_env(self.environment)
        self.host = f"127.0.0.1:{self.port}"
        self.app = create_app(self.config)

    @contextmanager
    def served(self, factory):
        """A web server as `make run` starts it."""
        command = (*parts.web(self.config)[0].command[:-1], FACTORIES[factory])
        server = subprocess.Popen(command, env=outside() | self.environment, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        try:
            until(self.answers, 60, "The server does not answer.")
            yield
        finally:
            server.terminate()
            server.wait(60)

    def answers(self):
        try:
            return load.drive(self.port, [load.get("/healthz", self.host)] * 64).statuses[200] == 64
        except OSError:
            return False

    def fill(self):
        """People on a list, a job with a link, and sign-ups that wait for their confirmation; gives the requests."""
        with self.app.app_context():
            migrations.upgrade()
            setup.setup(email="root@example.org", password="correct horse battery 7", organisation="Fern",
                        address="12 Mill Lane", zone="UTC", language="en")
            dataset = datasets.create(groups.create("News", by="bench"), "Customers", by="bench")
            made = [lists.create(dataset, f"Offers {number}", by="bench") for number in range(LISTS)]
            site = db.session.query(Site).filter_by(dataset_id=dataset.id).one()
            site.state, site.greets = "open", True
            job = MailJob(code="261122A", group_id=dataset.group_id, title="T", dataset_id=dataset.id,
                          list_id=made[0].id, subject="S", html="x", from_address="a@example.org", phase="done")
            db.session.add(job)
            db.session.flush()
            db.session.add(Link(job_id=job.id, number=1, url="https://www.example.org/spring"))
            found = {"subscribe": list(self.sign_ups(site, made)), "confirm": self.confirmations(site, made),
                     "unsubscribe": self.leaving(dataset, made[0]), "open pixel": self.opens(job),
                     "click redirect": self.clicks(job)}
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        return found

    def sign_ups(self, site, made):
        shown = str(int(clock.now().timestamp()) - FORM)
        seal = f"{shown}.{sealed.mark(site.key, shown)}"
        for number in range(PEOPLE):
            body = f"seal={seal}&details=1&consent=1&address=new{number}@example.org&list={made[number % LISTS].key}"
            yield load.post(f"/s/{site.key}/subscribe", self.host, body.encode(), caller(number))

    def confirmations(self, site, made):
        tokens = []
        for number in range(PEOPLE):
            links.ask(site, "join", addresses.judge(f"waits{number}@example.org"), "192.0.2.7", language="en",
                      lists=[made[number % LISTS].id], values={}, text=None, form="/s", how="form")
        for link in db.session.query(MailedLink).order_by(MailedLink.id):
            tokens.append(links.arm(link))
        return [load.post(f"/c/{token}", self.host, b"", caller(number)) for number, token in enumerate(tokens)]

    def leaving(self, dataset, list):
        people, now = tables.table(dataset), clock.now()
        db.session.execute(insert(people), [
            {"address": f"p{number}@example.org", "address_key": f"p{number}@example.org", "state": "confirmed",
             "joined_at": now} for number in range(PEOPLE)])
        db.session.execute(insert(Subscription).from_select(
            ["list_id", "member_id", "state", "how", "joined_at", "created_at"],
            select(list.id, people.c.id, people.c.state, people.c.how, people.c.joined_at, people.c.joined_at),
            include_defaults=False))
        mint = self.app.extensions["tokens"].mint
        numbers = db.session.scalars(select(Subscription.id).where(Subscription.list_id == list.id)).all()
        return [load.post(f"/u/{mint('u', number)}", self.host, b"List-Unsubscribe=One-Click") for number in numbers]

    def opens(self, job):
        mint = self.app.extensions["tokens"].mint
        return [load.get(f"/o/{mint('o', job.id << 32 | number)}.gif", self.host, AGENT) for number in range(1, HITS)]

    def clicks(self, job):
        mint = self.app.extensions["tokens"].mint_link
        return [load.get(f"/l/{mint(job.id << 32 | number, 0, 1)}", self.host, AGENT) for number in range(1, HITS)]

    def measured(self, requests, status, connections):
        """(the load, an empty page before and after it)"""
        empty = [load.get("/healthz", self.host)] * EMPTY
        before = load.drive(self.port, empty, connections)
        found = load.drive(self.port, requests, connections)
        after = load.drive(self.port, empty, connections)
        assert found.statuses == {status: len(requests)}, found.statuses
        return found, load.Load((before.rate + after.rate) / 2, (before.p99 + after.p99) / 2, before.statuses)


def caller(number):
    return f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}".encode()


STATUSES = {"open pixel": 200, "click redirect": 302}
BARS = {"unsubscribe": 300}                        # milliseconds that the mail programs of readers wait


def rows_of(name, installation):
    requests, rates = installation.fill(), {}
    with installation.served("shipped"):
        for what, asked in requests.items():
            found, empty = installation.measured(asked, STATUSES.get(what, 200), MANY if what in STATUSES else FEW)
            rates["shipped", what] = found.rate
            yield row(f"{what}, {name}", found, empty, BARS.get(what))
            time.sleep(2 if what in STATUSES else 0)                       # what is in memory is written first
    for factory in ("silent", "direct"):
        with installation.served(factory):
            for what in STATUSES:
                asked = requests[what] if factory == "silent" else requests[what][:2000]
                rates[factory, what] = load.drive(installation.port, asked).rate
    for what in STATUSES:
        kept, bare, slow = (rates[factory, what] for factory in FACTORIES)
        yield Row("subscriber", f"{what} to the same without recording, {name}", f"{kept / bare:.2f} x", ">= 0.8 x",
                  kept >= 0.8 * bare)
        yield Row("subscriber", f"{what} to an insert for each hit, {name}", f"{kept / slow:.1f} x", ">= 5 x",
                  kept >= 5 * slow)


def row(what, found, empty, bar):
    value = (f"{found.rate / empty.rate:.3g} x the requests a second ({found.rate:,.0f}), "
             f"{found.p99 / empty.p99:.3g} x the p99 ({found.p99:.0f} ms)")
    target = f"p99 <= {bar} ms" if bar else ""
    return Row("subscriber", what, value, target, found.p99 <= bar if bar else None)


def measure():
    cluster, folder = Cluster(), Path(tempfile.mkdtemp(prefix="bench-"))
    cluster.start()
    try:
        with running() as (redis_url, _):
            return [row for name, url in (("SQLite", ""), ("PostgreSQL", cluster.create()))
                    for row in rows_of(name, Installation(folder / name, url, redis_url))]
    finally:
        cluster.stop()
        shutil.rmtree(folder)
