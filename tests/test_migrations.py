"""The schema's way from the first version to this one, on a database with things in it."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from app import create_app
from maestro import migrations
from maestro.extensions import Base, db
from maestro.models import Consent, Exporter, Field
from tests.conftest import make_config

AT = "'2026-11-01 08:00:00'"
FILLED = (                                         # a group with a dataset, a list, a field and a consent
    f"INSERT INTO user_group (id, created_at, name) VALUES (1, {AT}, 'News')",
    f"INSERT INTO dataset (id, created_at, group_id, name, description) VALUES (1, {AT}, 1, 'Customers', '')",
    "INSERT INTO hosted_list (id, created_at, dataset_id, name, description, slug, tracking) "
    f"VALUES (1, {AT}, 1, 'Offers', '', 'offers', 'unique')",
    "INSERT INTO field (id, created_at, dataset_id, name, label, type, choices, required, shown, help, position) "
    f"VALUES (1, {AT}, 1, 'city', 'City', 'text', '[]', false, 'edit', '', 0)",
    "INSERT INTO consent (id, created_at, dataset_id, list_id, member_id, given, how) "
    f"VALUES (1, {AT}, 1, 1, 7, false, 'unsubscribe page')",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def first(request, tmp_path, redis_url):
    """An application whose database has the first schema and a few rows."""
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    app = create_app(make_config(tmp_path, url, redis_url))
    with app.app_context():
        with db.engine.begin() as connection:
            command.upgrade(migrations.config(connection), "0001")
            for statement in FILLED:
                connection.execute(text(statement))
        yield app
        db.session.remove()
        db.engine.dispose()


def test_what_is_there_comes_along_and_models_and_schema_agree(first):
    migrations.upgrade()
    field, consent = db.session.query(Field).one(), db.session.query(Consent).one()
    assert (field.rules, field.default, field.consent, field.lookup_id) == ({}, "", False, None)
    assert (consent.list_id, consent.text_id) == (1, None)
    assert [(found.name, found.list_id) for found in db.session.query(Exporter).order_by(Exporter.id)] == [
        ("All members", None), ("Change log", None), ("All subscribers", 1)]
    db.session.commit()
    with db.engine.connect() as connection:
        options = {"include_name": lambda name, kind, _parent: kind != "table" or name in Base.metadata.tables}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    missing = {"add_table", "remove_table", "add_column", "remove_column"}
    assert not [change for change in found if change[0] in missing]
