"""The settings' catalogue, and the outgoing server in force."""

import pytest

from maestro.accounts import settings
from maestro.config import Config
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import AuditEntry, Setting


@pytest.mark.parametrize("name, value", [
    ("zone", "Mars/Base"), ("grace", 601), ("grace", "60"), ("grace", -1), ("language", "xx"),
    ("test_required", "maybe"), ("organisation", "x" * 201), ("organisation", "a\x00b"), ("notices_from", "no address"),
    ("changelog_days", 1.5)])
def test_what_does_not_fit_is_refused_at_its_field(world, name, value):
    with pytest.raises(Refused) as refusal:
        settings.put(name, value, by=world.root)
    assert refusal.value.field == name


def test_a_setting_has_its_default_until_it_is_set(world):
    assert settings.get("test_required") == "required"
    settings.put("test_required", "warn", by=world.root)
    assert settings.get("test_required") == "warn"


def test_the_grace_period_comes_from_the_environment_until_it_is_set(world, config):
    assert settings.get("grace") == config.GRACE
    settings.put("grace", 90, by=world.root)
    assert settings.get("grace") == 90


def test_only_a_change_is_recorded_and_never_its_value(world):
    settings.put("organisation", "Moss Ltd", by=world.root)
    settings.put("organisation", "Moss Ltd", by=world.root)
    entries = db.session.query(AuditEntry).filter_by(action="settings.change", user_id=world.root.id).all()
    told = [entry.details for entry in entries if entry.details["name"] == "organisation"]
    assert told == [{"name": "organisation"}] * 2                  # the first at set-up


def put_smtp(by, **parts):
    settings.put_smtp(**{"host": "mail.example.org", "port": 587, "tls": "starttls", "user": "me@example.org",
                         "password": "p@ss:w/rd", "connections": 5, **parts}, by=by)


def test_without_a_server_it_is_safe_mode(app, config):
    assert settings.smtp_url(config) is None


@pytest.mark.parametrize("parts, url", [
    ({}, "smtp://me%40example.org:p%40ss%3Aw%2Frd@mail.example.org:587?tls=starttls&connections=5"),
    ({"tls": "tls", "port": 465}, "smtps://me%40example.org:p%40ss%3Aw%2Frd@mail.example.org:465?connections=5"),
    ({"user": "", "tls": "none", "port": 25}, "smtp://mail.example.org:25?tls=none&connections=5"),
    ({"user": "", "host": "::1"}, "smtp://[::1]:587?tls=starttls&connections=5")])
def test_the_server_reads_as_a_url(world, config, parts, url):
    put_smtp(world.root, **parts)
    assert settings.smtp_url(config) == url


def test_the_environment_beats_the_page(world):
    put_smtp(world.root)
    config = Config(SECRET_KEY="0" * 64, SMTP_URL="smtp://other.example.org")
    assert settings.smtp_url(config) == "smtp://other.example.org"


def test_the_password_is_sealed_and_kept_when_none_is_given(world, config):
    put_smtp(world.root)
    put_smtp(world.root, port=2525, password=None)
    assert "p@ss" not in str(db.session.scalars(db.select(Setting.value)).all())
    assert ":p%40ss%3Aw%2Frd@mail.example.org:2525" in settings.smtp_url(config)
