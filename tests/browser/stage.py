"""A site with a brand, lists, fields and past issues, its mails and its time: what a tour of the public pages needs."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy

from werkzeug.serving import make_server

from app import create_app
from maestro import background, migrations, schedule
from maestro.accounts import groups, setup, users
from maestro.config import Config
from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib import clock
from maestro.mailing import authorise, jobs
from maestro.models import HostedList, OutboxMessage
from maestro.warehouse import datasets, fields, lists, members, sites, subscriptions
from tests.parts.ports import free_port

LISTS = {"Garden letter": ("What grows now, and what to do about it", "On the first of each month"),
         "Offers": ("Seeds, tools and pots for less", "About twice a month"),
         "Open days": ("When our gardens are open, and who shows you around", "Four times a year")}
ISSUES = ("The first frost", "Tulips for a late spring", "What the bees want")
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Garden letter</title></head>
<body style="margin:0;padding:32px;font:16px/1.5 Georgia,serif;color:#22302b"><h1>{subject}</h1>
<p>Hello {{{{first_name|friend}}}}, there is more <a href="https://www.example.org/garden">in the garden</a>.</p>
<p style="font-size:13px">{{{{*SenderAddress}}}} <a href="{{{{*ForwardURL}}}}">Forward</a>
<a href="{{{{*ViewInBrowserURL}}}}">View in browser</a>
<a href="{{{{*UnsubscribeURL}}}}">Unsubscribe</a></p></body></html>"""
PASSWORD = "correct horse battery 7"


class Stage:
    """`with Stage(folder, redis_url) as stage:` serves the site at `stage.home` for the block."""

    def __init__(self, folder, redis_url):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.app = create_app(Config(SECRET_KEY="0" * 64, DATA=folder, REDIS_URL=redis_url, PORT=self.port, GRACE=0))

    def __enter__(self):
        with self.app.app_context():
            migrations.upgrade()
            site = prepare()
            self.home, self.archive = f"{self.url}/s/{site.key}", archive_of(site)
            db.session.remove()
        for subject in ISSUES:
            self.send(subject)
            self.wait(31 * 86_400)
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *problem):
        self.server.shutdown()
        clock.clock.offset = 0.0

    def wait(self, seconds):
        """Let time pass, for everybody here."""
        clock.clock.offset += timedelta(seconds=seconds).total_seconds()

    def work(self):
        """Do the background work that is due; in a thread, as Playwright keeps the one that it runs in."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self.perform).result()

    def perform(self):
        while True:
            with self.app.app_context():
                due = schedule.waiting()
            for task, *ids in due:
                with self.app.app_context():
                    background.perform(task.path, *ids)
            if not due:
                return

    def send(self, subject):
        """Mail an issue to the first list, and put it into the archive."""
        with self.app.app_context():
            to = db.session.query(HostedList).filter_by(archive=True).one()
            job = jobs.create(to.dataset.group, subject, "test", dataset_id=to.dataset_id, list_id=to.id,
                              subject=subject, html=HTML.format(subject=subject), from_name="Fern & Field",
                              from_address="hello@example.org", public=True)
            db.session.commit()
            job.tested_version = job.accepted_version = job.version
            authorise.authorise(job, "now", "test", grace=0)
            db.session.commit()
        self.work()

    def mail(self, address):
        """The last mail to an address."""
        self.work()
        with self.app.app_context():
            kept = db.session.query(OutboxMessage).filter_by(address=address).order_by(OutboxMessage.id.desc()).first()
            assert kept, f"Nothing came to {address}"
            return message_from_bytes(outbox.read(kept), policy=policy.default)

    def link(self, address, start):
        """Where the last mail to an address leads: the first of our addresses that begins so."""
        text = self.mail(address).get_body(["plain"]).get_content()
        found = re.search(rf"{self.url}{start}[^\s]+", text)
        assert found, text
        return found[0]


def prepare():
    """The organisation, its people and the open site, which has passwords and speaks two languages."""
    setup.setup(email="root@example.org", password=PASSWORD, organisation="Fern & Field",
                address="12 Mill Lane, Bristol", zone="Europe/Berlin", language="en")
    group = groups.create("Garden", by="test")
    users.create("anna@example.org", group, "manager", password=PASSWORD, by="test")
    dataset = datasets.create(group, "Readers", by="test")
    fields.create(dataset, "First name", "text", by="test", name="first_name")
    fields.create(dataset, "Interests", "choices", by="test", name="interests", help="As many as you like",
                  choices=["Vegetables", "Roses", "Bees"])
    fields.create(dataset, "Garden", "choice", by="test", name="garden", choices=["Balcony", "Garden", "Field"])
    fields.create(dataset, "Customer since", "text", by="test", name="since", shown="view")
    made = [lists.create(dataset, name, "test", description) for name, (description, _rhythm) in LISTS.items()]
    for list in made:
        list.rhythm, list.archive = LISTS[list.name][1], list is made[0]
    for name in ("ann", "ben", "cara"):
        subscriptions.join(made[0], members.add(dataset, f"{name}@example.org", {}, by="test"), by="test")
    site = sites.of(dataset)
    sites.change(site, "test", state="open", passwords=True, languages=["en", "de"])
    db.session.commit()
    return site


def archive_of(site):
    list = next(list for list in site.dataset.lists if list.archive)
    return f"/s/{site.key}/archive/{list.key}"
