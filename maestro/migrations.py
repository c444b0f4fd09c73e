"""The schema: brought up to date at the start, one migrator at a time; there is no way back but a backup."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from maestro.extensions import db
from maestro.lib import clock, copies
from maestro.lib.errors import Refused

FOLDER = Path(__file__).parent.parent / "migrations"
COPIES = 3                                         # of an SQLite file, from before the last upgrades


def config(connection=None):
    found = AlembicConfig()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["connection"] = connection
    return found


def upgrade():
    """Bring the database to the version of this code. Waits while another process does."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7262830)"))
        found = version(connection)
        if found == wanted():
            return
        refuse_unknown(found)
        if found and connection.dialect.name == "sqlite":
            keep_copy(found)
        command.upgrade(config(connection), "head")


def refuse_unknown(found):
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found and found not in known:
        raise Refused(f"The database has schema {found}, which this version of Maestro does not know. "
                      "Run the newer version that made it, or restore the backup from before.")


def keep_copy(found):
    """Copy the SQLite file of schema `found`. The caller's transaction keeps everybody else from writing meanwhile."""
    name = f"{clock.now():%Y%m%dT%H%M%SZ}-{found}.db"
    copies.keep(db.engine.url.database, current_app.extensions["maestro"].DATA / "backups", name, COPIES)


def wanted():
    """The schema version of this code."""
    return ScriptDirectory.from_config(config()).get_current_head()


def current():
    """The schema version of the database, None when it is empty."""
    with db.engine.connect() as connection:
        return version(connection)


def version(connection):
    return MigrationContext.configure(connection).get_current_revision()
