import json
import stat
import subprocess
import sys

import pytest

from app import create_app
from maestro.config import Config, ConfigError, file_system
from tests.parts.maestro import ROOT, outside


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
    ("PORT", "eighty", "whole number"), ("GRACE", "601", "between 0 and 600"), ("WINDOW", "0", "between 1 and 64"),
    ("PORT", "70000", "between 1 and 65535"), ("PROXIES", "-1", "between 0 and 10"), ("PRODUCTION", "yes", "0 or 1"),
    ("DATABASE_URL", "mysql://db.example.org/maestro", "begin with sqlite:// or postgresql://"),
    ("DATA", "/dev/null/data", "Not a directory"), ("REDIS_URL", "localhost", "begin with redis://"),
    ("ADMIN_URL", "news.example.org", "begin with http://"),
    ("PUBLIC_URL", "http://", "begin with"), ("PUBLIC_URL", "http://:80", "name a host"),
    ("CONTENT_URL", "http://example.org:99999", "name a host")])
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


def test_production_refuses_sqlite_on_a_network_file_system(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nstore:/data /srv/my\\040data nfs4 rw 0 0\n")
    assert file_system("/srv/my data/maestro.db", mounts) == "nfs4"
    assert file_system("/srv/mydata", mounts) == "ext4"
    assert file_system("/srv", tmp_path / "none") == ""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("maestro.config.NETWORKED", (file_system(tmp_path),))
        with pytest.raises(ConfigError, match="network file system"):
            config(tmp_path, **PRODUCTION)
        assert config(tmp_path, **PRODUCTION, DATABASE_URL="postgresql://db.example.org/maestro").PRODUCTION


@pytest.mark.parametrize(("name", "text"), [
    ("CRASH_AT", "nowhere:1"), ("CRASH_AT", "applied:0"), ("CRASH_AT", "applied:soon"), ("EGRESS_ALLOW", "everything"),
    ("SMTP_URL", "mail.example.org"), ("SMTP_URL", "smtp://mail.example.org?tls=perhaps")])
def test_a_setting_that_a_room_does_not_understand_is_refused_at_the_start(name, text, tmp_path):
    with pytest.raises(ConfigError, match=f"MAESTRO_{name}"):
        create_app(config(tmp_path, **{name: text}))


def test_a_command_refuses_a_setting_in_a_sentence(tmp_path):
    env = outside() | {"MAESTRO_DATA": str(tmp_path), "MAESTRO_GRACE": "-1"}
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "app", "doctor", "--json"], cwd=ROOT, env=env,
                          capture_output=True, text=True, timeout=60)
    sentence = "MAESTRO_GRACE must be between 0 and 600 seconds."
    assert (done.returncode, done.stderr) == (1, f"Error: {sentence}\n")
    assert json.loads(done.stdout) == {"error": sentence, "field": None}


def test_only_a_one_switches_something_on(tmp_path):
    assert not config(tmp_path, PRODUCTION="0").PRODUCTION
