"""A living installation for the browser: on SQLite, with sample data and a delivered job, served on loopback."""

import shutil
import sqlite3
import threading
import urllib.request
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from app import create_app
from maestro import actions, background, sample, schedule
from maestro.accounts import sessions
from maestro.config import Config
from maestro.exchange import (
    connections,
    exporters,
    importers,
    imports,
    launching,
    opening,
    sources,
    writebacks,
)
from maestro.extensions import db
from maestro.lib import addresses
from maestro.mailing import authorise, jobs, trial
from maestro.models import Conflict, Forward, MailedLink, MailJob, OutboxMessage, Subscription, User
from maestro.site import forwarding, letters, links, visiting
from maestro.triggers import calls, deciding
from maestro.warehouse import (
    derived,
    fields,
    folders,
    lists,
    lookups,
    members,
    menus,
    publishing,
    sites,
    targets,
)
from tests.parts.ports import free_port

LEFT_OUT = {"admin.palette", "admin.job_live", "admin.reset", "admin.set_up"}      # no pages, or over by then


class Live:
    """The served application: `url`, log-ins of manager and member as `cookies`, `things` that addresses name."""

    def __init__(self, app, port, folder):
        self.folder, self.app, self.url, self.left_out = folder, app, f"http://127.0.0.1:{port}", LEFT_OUT
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def is_ours(self, url):
        return url.startswith("data:") or urlsplit(url).netloc in self.hosts

    def text(self, url):
        """A page as it comes from the server."""
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in self.cookies)
        request = urllib.request.Request(self.url + url, headers={"Cookie": cookies})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()


def deliver_everything(app):
    """Do the background work that is due, each piece in a session of its own."""
    for _ in range(20):
        with app.app_context():
            due = schedule.waiting()
        for task, *ids in due:
            with app.app_context():
                background.perform(task.path, *ids)


def prepare(live):
    """Alice's group gets the sample data; its job is tested, delivered into the Outbox, and a copy of it is a draft."""
    alice = db.session.query(User).filter_by(email="root@example.org").one()
    sample.fill(alice.group, alice)
    job = db.session.query(MailJob).one()
    trial.send(job, ["me@example.org"], alice)
    trial.accept(job, alice)
    authorise.authorise(job, "now", alice, grace=0)
    draft = jobs.copy(job, alice)
    live.folder.joinpath("people.csv").write_text("address,first_name\nnew@example.org,New\nbroken,Nobody\nann.archer@example.org,Anna\n"
                                                  + "".join(f"p{number}@example.org,P\n" for number in range(6)))
    run = imports.create(job.dataset, job.list, sources.take(live.folder / "people.csv"), "people.csv", by=alice)
    imports.start(run, True, by=alice)
    db.session.commit()
    deliver_everything(live.app)
    publishing.publish("Europe/Berlin")
    token = sessions.start(alice)
    db.session.commit()
    subscription = db.session.query(Subscription).filter_by(list_id=job.list_id).first()
    site = sites.of(job.dataset)
    sites.change(site, alice, passwords=True)
    member = members.find_by_id(job.dataset, subscription.member_id)
    live.cookies = [
        {"name": "sid", "value": token, "url": live.url},
        {"name": "member", "value": visiting.start(site, member), "domain": "127.0.0.1", "path": f"/s/{site.key}"}]
    forwarded = forwarding.wish(["friend@example.org"], "Ann", "")
    forwarding.send(forwarding.Reader(job, 1), forwarded)
    refusal = forwarding.refusal_link(db.session.query(Forward).one()).rpartition("/")[2]
    job.list.archive = job.public = True
    live.things = {
        "forward": live.app.extensions["tokens"].mint("f", job.id << 32 | 1), "refusal": refusal,
        "archive": job.list.key, "issue": job.code,
        "job_id": job.id, "draft_id": draft.id, "dataset_id": job.dataset_id, "list_id": job.list_id,
        "member_id": subscription.member_id, "field_id": job.dataset.fields[0].id, "run_id": run.id,
        "user_id": alice.id, "group_id": alice.group_id, "message_id": db.session.query(OutboxMessage).first().id,
        "state": "accepted", "part": "audience",
        "site": site.key, "profile": letters.profile(site, member).rpartition("/")[2], **mailed(site, member, job.list),
        "of_a_test": live.app.extensions["tokens"].mint("u", 0),
        "unsubscribe": live.app.extensions["tokens"].mint("u", subscription.id),
        **audience(job.dataset, job.list, alice), **source(live, job.dataset, job.list, alice)}
    db.session.commit()


def source(live, dataset, list, by):
    """A shop's SQLite file, an importer that has read it, its token, a write-back with a conflict; their numbers."""
    with sqlite3.connect(live.folder / "shop.db") as shop:
        shop.execute("CREATE TABLE customers (email text, first_name text)")
        shop.executemany("INSERT INTO customers VALUES (?, ?)", [(f"c{n}@example.org", f"C{n}") for n in range(30)])
    connection = connections.create(dataset.group, by, name="Shop", kind="sqlite", database="shop.db", may_write=True)
    place, query = connections.place(connection), "SELECT email, first_name FROM customers"
    connections.note_test(connection, connections.probe(place), by)
    importer = importers.create(dataset, list, "Nightly", "database", by, "From the shop")
    importers.set_query(importer, connection, query, opening.example(place, False, query), by)
    importers.set_schedule(importer, {"every": "daily", "at": "02:00"}, "Europe/Berlin", "", by)
    importers.enable(importer, by)
    launching.launch(importer, by)
    action = actions.of("import", importer, by)
    db.session.commit()
    deciding.decide(calls.Call(actions.token(action), "GET", "192.0.2.7"))
    writeback = writebacks.create(connection, dataset, list, by)
    writebacks.set_statements(writeback, {"leave": "DELETE FROM customers WHERE email = :address"}, "source", by)
    db.session.add(Conflict(writeback_id=writeback.id, change_id=1, member_id=1, address="ann@example.org",
                            field="city", before="York", ours="Bath", theirs="Bristol", winner="source"))
    db.session.commit()
    deliver_everything(live.app)
    return {"connection_id": connection.id, "importer_id": importer.id, "action_id": action.id,
            "writeback_id": writeback.id}


def audience(dataset, list, by):
    """A target group of nested conditions, lookups with a dependent menu, an exporter, a folder; their numbers."""
    asked = {"field": "city", "word": "in", "given": ["York", "Bath"], "ask": "Which cities?"}
    inner = {"join": "none", "parts": [{"field": "points", "word": "<", "given": "10"},
                                       {"field": "birthday", "word": "isempty"}]}
    target = targets.create(dataset, list, "In a city", {"join": "all", "parts": [asked, inner]}, by,
                            description="By city", category="Places")
    table = lookups.create(dataset.group, "Towns", by)
    lookups.fill(table, ["City"], [["Acomb", "York"], ["Clifton", "Bristol"]], by)
    lookups.part(table, "North", ["Acomb"], by)
    town = fields.create(dataset, "Town", "choice", by, choices=["Acomb"], name="town")
    menus.attach(town, table, by, parent=dataset.fields[2], column="City")
    derived.create(dataset, "Greeting", '"Dear " + first_name', by, name="greeting")
    exporter = exporters.create(dataset, list, "To York", by, target=target, columns=["address", "city"])
    folder = folders.create(dataset, "Shop", by)
    lists.arrange(list, by, folder, protected=True)
    return {"target_id": target.id, "lookup_id": table.id, "exporter_id": exporter.id, "folder_id": folder.id}


def mailed(site, member, list):
    """The tokens of links in mails, by their purpose."""
    judged = addresses.judge(member["address"])
    data = {"lists": [list.id], "values": {}, "language": "en", "text": None}
    for purpose in ("join", "password", "address"):
        links.ask(site, purpose, judged, "192.0.2.7", member_id=member["id"], **data)
    tokens = {link.purpose: links.arm(link) for link in db.session.query(MailedLink)}
    db.session.commit()
    return tokens


@pytest.fixture(scope="session")
def live(sqlite_template, tmp_path_factory, redis_url):
    folder, port = tmp_path_factory.mktemp("live"), free_port()
    shutil.copy(sqlite_template, folder / "maestro.db")
    app = create_app(Config(SECRET_KEY="0" * 64, DATA=folder, REDIS_URL=redis_url, PORT=port, GRACE=0,
                            IMPORT_DIR=(str(folder),)))
    found = Live(app, port, folder)
    with app.app_context():
        prepare(found)
        db.session.remove()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
