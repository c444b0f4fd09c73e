import stat

import pytest

from maestro.config import Config, ConfigError


def config(tmp_path, **env):
    return Config.from_env({"MAESTRO_DATA": str(tmp_path)} | {f"MAESTRO_{name}": text for name, text in env.items()})


def test_without_any_setting_everything_is_on_this_machine(tmp_path):
    found = config(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path / 'maestro.db'}"
    assert found.redis_url == f"unix://{found.redis_socket}"
    assert (found.admin_url, found.content_url) == ("http://127.0.0.1:8080", "http://localhost:8080")
    assert found.hosts == ["127.0.0.1", "localhost"]
    assert (found.GRACE, found.WINDOW, found.SMTP_URL) == (60, 4, "")


def test_the_master_key_is_made_once_and_for_its_owner_only(tmp_path):
    first, second = config(tmp_path).SECRET_KEY, config(tmp_path).SECRET_KEY
    assert first == second
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert first not in repr(config(tmp_path))


def test_a_key_that_others_can_read_is_refused(tmp_path):
    config(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(ConfigError, match="0600"):
        config(tmp_path)


@pytest.mark.parametrize(("name", "text", "said"), [
    ("PORT", "eighty", "whole number"), ("GRACE", "601", "between 0 and 600"), ("WINDOW", "0", "between 1 and 64")])
def test_a_setting_that_makes_no_sense_is_refused_by_name(tmp_path, name, text, said):
    with pytest.raises(ConfigError, match=f"MAESTRO_{name}.*{said}"):
        config(tmp_path, **{name: text})


PRODUCTION = {"PRODUCTION": "1", "ADMIN_URL": "https://maestro.example.org", "PUBLIC_URL": "https://news.example.org",
              "CONTENT_URL": "https://content.example.net"}


def test_production_asks_for_tls_and_a_content_host_of_its_own(tmp_path):
    assert config(tmp_path, **PRODUCTION).PRODUCTION
    for change in ({"ADMIN_URL": "http://maestro.example.org"}, {"CONTENT_URL": "https://news.example.org"},
                   {"CRASH_AT": "applied:1"}):
        with pytest.raises(ConfigError):
            config(tmp_path, **PRODUCTION | change)


def test_only_a_one_switches_something_on(tmp_path):
    assert not config(tmp_path, PRODUCTION="0").PRODUCTION
