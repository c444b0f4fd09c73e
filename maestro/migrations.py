"""The schema: brought up to date at the start, one migrator at a time; there is no way back but a backup."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from maestro.extensions import db

FOLDER = Path(__file__).parent.parent / "migrations"


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
        command.upgrade(config(connection), "head")


def wanted():
    """The schema version of this code."""
    return ScriptDirectory.from_config(config()).get_current_head()


def current():
    """The schema version of the database, None when it is empty."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
