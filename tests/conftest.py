"""The stage: an application on each database, a cast of people, and the far sides as real parts on loopback."""

import shutil
from types import SimpleNamespace

import pytest

from app import create_app
from maestro import background, migrations, schedule
from maestro.accounts import groups, setup, users
from maestro.config import Config
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import User
from maestro.warehouse import datasets, fields, lists, members, subscriptions
from tests.browsing import Client
from tests.parts.quick import share

pytest_plugins = ["tests.parts.corpora", "tests.parts.effort", "tests.parts.mariadb", "tests.parts.postgres",
                  "tests.parts.redis", "tests.parts.shop", "tests.parts.shops", "tests.parts.smtp_sink",
                  "tests.parts.browser"]

PASSWORD = "correct horse battery 7"


def make_config(folder, database_url, redis_url, **settings):
    return Config(SECRET_KEY="0" * 64, DATA=folder, DATABASE_URL=database_url, REDIS_URL=redis_url, PORT=20080,
                  GRACE=settings.pop("GRACE", 0), **settings)


def fill():
    """The cast and their things: Alice manages, Bob writes, Carol is in another group, Dave is a member."""
    setup.setup(email="root@example.org", password=PASSWORD, organisation="Fern Ltd", address="12 Mill Lane, Bristol",
                zone="Europe/Berlin", language="en")
    news, other = groups.create("News", by="test"), groups.create("Other", by="test")
    for email, group, role in (("alice", news, "manager"), ("bob", news, "author"), ("victor", news, "viewer"),
                               ("carol", other, "manager")):
        users.create(f"{email}@example.org", group, role, password=PASSWORD, by="test")
    dataset = datasets.create(news, "Customers", by="test")
    fields.create(dataset, "First name", "text", by="test", name="first_name")
    fields.create(dataset, "City", "choice", by="test", name="city", choices=["Bristol", "York"])
    fields.create(dataset, "Birthday", "date", by="test", name="birthday")
    offers = lists.create(dataset, "Offers", by="test")
    dave = members.add(dataset, "dave@example.org", {"first_name": "Dave"}, by="test")
    subscriptions.join(offers, dave, by="test")
    foreign = datasets.create(other, "Foreign", by="test")
    lists.create(foreign, "Foreign list", by="test")
    db.session.commit()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory, redis_url):
    """A filled SQLite file that each test copies."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(make_config(folder, "", redis_url))
    with app.app_context():
        migrations.upgrade()
        fill()
        db.session.remove()
        db.engine.dispose()
    return folder / "maestro.db"


@pytest.fixture(scope="session")
def postgres_template(postgres, tmp_path_factory, redis_url):
    """The name of a filled PostgreSQL database that each test copies."""
    url = postgres.create()
    app = create_app(make_config(tmp_path_factory.mktemp("pg"), url, redis_url))
    with app.app_context():
        migrations.upgrade()
        fill()
        db.session.remove()
        db.engine.dispose()
    return url


def sqlite_copy(request, folder):
    shutil.copy(request.getfixturevalue("sqlite_template"), folder / "maestro.db")
    return ""


def postgres_copy(request, folder):
    return request.getfixturevalue("postgres").create(template=request.getfixturevalue("postgres_template"))


COPIES = {"sqlite": sqlite_copy, "postgresql": postgres_copy}


@pytest.fixture(params=list(COPIES))
def database(request, tmp_path):
    """The URL of a filled database of its own, SQLite first, then PostgreSQL."""
    return COPIES[request.param](request, tmp_path)


@pytest.fixture
def settings():
    """Settings of this test's installation; override with a fixture of the same name."""
    return {}


@pytest.fixture
def config(tmp_path, database, redis_url, settings):
    return make_config(tmp_path, database, redis_url, **settings)


def open_app(config):
    app = create_app(config)
    share(app)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture
def app(config, request):
    """The application on both databases, inside its context."""
    app = open_app(config)
    app.extensions["redis"].flushdb()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.clock.offset = 0.0
    background.stopping.clear()


@pytest.fixture
def sqlite_app(request, tmp_path, redis_url):
    """The application on SQLite only, for what no database changes."""
    app = open_app(make_config(tmp_path, sqlite_copy(request, tmp_path), redis_url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.clock.offset = 0.0


@pytest.fixture
def client(app):
    """A browser without scripts: `client.as_(world.alice).get("/admin/")`."""
    return app.test_client()


@pytest.fixture
def world(app):
    """The cast, fetched from the database of this test."""
    named = {user.email.split("@")[0]: user for user in db.session.query(User)}
    dataset = named["alice"].group and db.session.query(datasets.Dataset).filter_by(name="Customers").one()
    foreign = db.session.query(datasets.Dataset).filter_by(name="Foreign").one()
    return SimpleNamespace(**named, dataset=dataset, offers=dataset.lists[0], group=dataset.group,
                           dave=members.find(dataset, "dave@example.org"),
                           foreign=foreign, foreign_list=foreign.lists[0])


@pytest.fixture
def work(app):
    """Do all background work that is due, here and now, as workers would."""
    def perform(rounds=50):
        db.session.commit()
        for _ in range(rounds):
            with app.app_context():                # a session of its own, as in a worker
                due = schedule.waiting()
            if not due:
                db.session.expire_all()
                return
            for task, *ids in due:
                with app.app_context():
                    background.perform(task.path, *ids)
        raise AssertionError(f"There is still work after {rounds} rounds: {due}")
    return perform


@pytest.fixture
def turn():
    """Turn the clock forward by seconds."""
    def forward(seconds):
        clock.clock.offset += seconds
    yield forward
    clock.clock.offset = 0.0
