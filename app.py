"""The roof: makes the application out of its rooms and doors."""

import gc
import os

from flask import Flask
from whitenoise import WhiteNoise

from maestro import admin, background, cli, external, subscriber
from maestro.config import Config, ConfigError
from maestro.delivery import servers
from maestro.extensions import csrf, db, login, set_reading
from maestro.lib import assets, crash, egress, failures, logs, tongues, turns, web, wording
from maestro.lib.errors import Refused
from maestro.lib.tokens import Maker

LIMIT = 1_000_000                          # bytes of an ordinary request; uploads raise it in their view


def create_app(config=None):
    config = config or Config.from_env()
    check_lines(config)
    app = Flask("maestro", root_path=os.path.dirname(os.path.abspath(__file__)))
    app.config.update(
        SECRET_KEY=config.SECRET_KEY, SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_pre_ping": not config.sqlite,
                                   "connect_args": {"factory": turns.connections()} if config.sqlite else {}},
        TRUSTED_HOSTS=config.hosts, MAX_CONTENT_LENGTH=LIMIT, MAX_FORM_MEMORY_SIZE=LIMIT, MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME=config.cookie_name("maestro"), SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=None)
    app.extensions["maestro"] = config
    app.extensions["tokens"] = Maker(config.SECRET_KEY)
    app.extensions["redis"] = background.connect(config.redis_url)
    db.init_app(app)
    login.init_app(app)
    logs.prepare(app, config)
    web.prepare(app, config)
    csrf.init_app(app)                                 # after them: what it refuses is a request like others
    failures.prepare(app)
    tongues.prepare(app)
    wording.prepare(app)
    assets.prepare(app)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=app.static_folder, prefix="static/", max_age=3600,
                              immutable_file_test=is_named_by_content)
    for door in (admin, subscriber, external):
        door.register(app)
    cli.register(app)
    app.teardown_appcontext(lambda _problem: set_reading(False))       # no request decides for the next one
    return app


def check_lines(config):
    """Refuse settings whose language only the rooms know: now, and not when they are first needed."""
    try:
        crash.arm(config.CRASH_AT)
        for line in config.EGRESS_ALLOW:
            egress.entry(line)
        servers.route(config.SMTP_URL)
    except ValueError:
        raise ConfigError("MAESTRO_CRASH_AT must be point:n; flask doctor --crash-points lists the points.") from None
    except Refused as refusal:
        name = "MAESTRO_SMTP_URL: " if refusal.field == "smtp_url" else ""
        raise ConfigError(f"{name}{refusal.sentence}") from None


def serve():
    """The application as the web server takes it.

    All that is there before the first request stays, so the garbage collector need not go over it: that would make
    every tenth page or so wait for an eighth of a second.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def is_named_by_content(_path, url):
    """Whether a static file can be kept for ever, because its name changes with its content."""
    return url.startswith("/static/dist/assets/")
