"""How quick the pages are that people look at all day: the served application, both databases, 500 jobs."""

import gc
import shutil
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from app import create_app
from bench.table import Row
from maestro import background, migrations, sample, schedule
from maestro.accounts import sessions, setup, users
from maestro.config import Config
from maestro.extensions import db
from maestro.mailing import authorise, jobs, trial
from maestro.models import MailJob, Subscription
from tests.parts.postgres import Cluster

ROUNDS = 60
PASSWORD = "correct horse battery 7"


@contextmanager
def installations(prepare):
    """What `prepare(url, folder)` makes of each database: [(name, made)]."""
    cluster, folder = Cluster(), Path(tempfile.mkdtemp(prefix="bench-"))
    cluster.start()
    try:
        yield [(name, prepare(url, folder / name)) for name, url in (("SQLite", ""), ("PostgreSQL", cluster.create()))]
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def prepare(url, folder):
    """An application with the sample data and 500 jobs, its root's cookie, numbers of subscriptions."""
    folder.mkdir()
    app = create_app(Config(SECRET_KEY="0" * 64, DATA=folder, DATABASE_URL=url, REDIS_URL="unix:///nowhere", GRACE=0))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        migrations.upgrade()
        made = setup.setup(email="root@example.org", password=PASSWORD, organisation="Fern", address="12 Mill Lane",
                           zone="Europe/Berlin", language="en")
        root = db.session.get(users.User, made["user"])
        sample.fill(root.group, root)
        job = db.session.query(MailJob).one()
        for _ in range(500):
            jobs.copy(job, root)
        trial.send(job, ["me@example.org"], root)
        trial.accept(job, root)
        authorise.authorise(job, "now", root, grace=0)
        db.session.commit()
        for _ in range(5):
            for task, *ids in schedule.waiting():
                background.perform(task.path, *ids)
        cookie = sessions.start(root)
        db.session.commit()
        numbers = [id for id, in db.session.query(Subscription.id).limit(ROUNDS)]
        db.session.remove()
    return app, cookie, numbers


def p95(app, cookie, ask):
    """The 95th percentile in milliseconds of `ask(client, round)`."""
    client, taken = app.test_client(), []
    client.set_cookie("sid", cookie, domain="127.0.0.1")
    for number in range(ROUNDS):
        start = time.perf_counter()
        answer = ask(client, number)
        taken.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.status
    return statistics.quantiles(taken, n=20)[-1]


def get(path):
    return lambda client, number: client.get(path, base_url="http://127.0.0.1:8080")


def unsubscribe(app, numbers):
    def ask(client, number):
        token = app.extensions["tokens"].mint("u", numbers[number])
        return client.post(f"/u/{token}", data={"List-Unsubscribe": "One-Click"}, base_url="http://127.0.0.1:8080")
    return ask


def measure():
    rows = []
    with installations(prepare) as found:
        gc.collect()
        gc.freeze()                                # as app.serve does
        for name, (app, cookie, numbers) in found:
            asked = (("jobs page with 500 drafts", get("/admin/jobs?stage=open"), 100), ("home", get("/admin/"), 100),
                     ("unsubscribe by one click", unsubscribe(app, numbers), 300))
            for what, ask, bar in asked:
                taken = p95(app, cookie, ask)
                rows.append(Row("pages", f"{what}, {name}, p95", f"{taken:.0f} ms", f"<= {bar} ms", taken <= bar))
    return rows
