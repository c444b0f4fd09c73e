"""A filled database of an earlier schema is brought up to date with nothing lost."""

import pytest
from alembic import command
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from app import create_app
from maestro import migrations
from maestro.extensions import db
from maestro.models import Change, Consent, Exporter, Field, HostedList, Site, Subscription
from maestro.warehouse import changes, publishing
from tests.conftest import make_config

ROWS = (
    "INSERT INTO user_group (id, name, created_at) VALUES (1, 'News', '2026-11-22 09:00:00')",
    "INSERT INTO dataset (id, group_id, name, description, created_at)"
    " VALUES (7, 1, 'Customers', '', '2026-11-22 09:00:00')",
    "INSERT INTO hosted_list (id, dataset_id, name, description, slug, tracking, created_at)"
    " VALUES (24, 7, 'Offers', '', 'offers', 'unique', '2026-11-22 09:00:00')",
    "INSERT INTO subscription (id, list_id, member_id, state, how, joined_at, created_at)"
    " VALUES (5, 24, 3, 1, 'user', '2026-11-22 09:00:00', '2026-11-22 09:00:00')",
    "INSERT INTO field (id, created_at, dataset_id, name, label, type, choices, required, shown, help, position)"
    " VALUES (1, '2026-11-22 09:00:00', 7, 'city', 'City', 'text', '[]', false, 'edit', '', 0)",
    "INSERT INTO consent (dataset_id, list_id, member_id, given, how, created_at)"
    " VALUES (7, 24, 3, :given, 'form', '2026-11-22 09:00:00')",
    "INSERT INTO change (id, created_at, seq, code, level, dataset_id, member_id, address, cause) VALUES"
    " (1, '2026-11-22 09:00:00', 1, 'ADD', 'D', 7, 3, 'ann@example.org', 'user'),"
    " (2, '2026-11-22 09:01:00', NULL, 'UPD', 'D', 7, 3, 'ann@example.org', 'self'),"
    " (3, '2026-11-22 09:02:00', 2, 'DEL', 'D', 7, 3, 'ann@example.org', 'self')",
)
OLD_INDEXES = (
    "CREATE SCHEMA IF NOT EXISTS warehouse", "CREATE TABLE warehouse.dataset_7 (id int, note text, points float)",
    'CREATE INDEX ix_dataset_7_note ON warehouse.dataset_7 (note COLLATE "und-x-icu", id)',
    "CREATE INDEX eq_dataset_7_note ON warehouse.dataset_7 (note)",
    "CREATE INDEX ix_dataset_7_points ON warehouse.dataset_7 (points, id)")


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path, redis_url):
    """An application on a database that has the first schema and a few rows."""
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    app = create_app(make_config(tmp_path, url, redis_url))
    with app.app_context():
        with db.engine.begin() as connection:
            command.upgrade(migrations.config(connection), "0001")
            for row in ROWS:
                connection.execute(text(row), {"given": True} if ":given" in row else {})
        yield app
        db.session.remove()
        db.engine.dispose()


def test_every_dataset_gets_a_site_and_every_list_a_public_name(old):
    migrations.upgrade()
    assert migrations.current() == migrations.wanted()
    site, offers = db.session.query(Site).one(), db.session.query(HostedList).one()
    assert (site.dataset_id, site.state, len(site.key)) == (7, "subscribers", 12)
    assert (offers.id, len(offers.key), offers.shown) == (24, 12, True)
    assert db.session.query(Subscription).one().frequency == "all"
    db.session.add(HostedList(dataset_id=7, name="News", slug="news"))
    db.session.commit()
    assert db.session.query(HostedList).filter_by(name="News").one().id > 24 or db.engine.dialect.name == "postgresql"


def test_what_is_there_comes_along(old):
    migrations.upgrade()
    field, consent = db.session.query(Field).one(), db.session.query(Consent).one()
    assert (field.rules, field.default, field.consent, field.lookup_id) == ({}, "", False, None)
    assert (consent.list_id, consent.member_id, consent.text_id) == (24, 3, None)
    assert [(found.name, found.list_id) for found in db.session.query(Exporter).order_by(Exporter.id)] == [
        ("All members", None), ("Change log", None), ("All subscribers", 24)]


def test_the_change_log_keeps_its_numbers_and_goes_on_after_them(old):
    migrations.upgrade()
    assert publishing.publish("UTC") == 1
    told = [(entry.id, entry.seq, entry.code, entry.address, entry.created_at.minute) for entry in changes.stream(
        changes.entries())]
    assert told == [(1, 1, "ADD", "ann@example.org", 0), (3, 2, "DEL", "ann@example.org", 2),
                    (2, 3, "UPD", "ann@example.org", 1)]
    with pytest.raises(IntegrityError):
        db.session.execute(update(Change).where(Change.id == 2).values(seq=1))


def test_indexes_that_refuse_long_texts_go(old):
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            for statement in OLD_INDEXES:
                connection.execute(text(statement))
    migrations.upgrade()
    if db.engine.dialect.name == "postgresql":
        found = "SELECT indexname FROM pg_indexes WHERE schemaname = 'warehouse' AND tablename = 'dataset_7'"
        assert db.session.scalars(text(found)).all() == ["ix_dataset_7_points"]
