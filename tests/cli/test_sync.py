"""The nightly re-sync by commands alone: connection, importer, token, and what each of them answers."""

import json

import pytest

from maestro.extensions import db
from maestro.models import Importer
from tests.parts.shop import HERE


@pytest.fixture
def settings():
    return {"EGRESS_ALLOW": (HERE,)}


@pytest.fixture
def flask(app):
    """Run a command; its answer, or (exit status, refusal)."""
    def run(*words, stdin=""):
        result = app.test_cli_runner().invoke(args=[*map(str, words), "--json"], input=stdin)
        db.session.expire_all()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        found = json.loads(result.stdout) if result.stdout.strip() else {}
        return found if result.exit_code == 0 else (result.exit_code, found.get("error"))
    return run


def test_a_nightly_import_is_set_up_launched_undone_and_triggered(flask, client, world, customers):
    made = flask("connection-create", "Shop", "--group", "News", "--kind", "postgresql", "--host", "127.0.0.1",
                 "--port", customers.port, "--database", customers.name, "--user", "shop", "--tls", "none",
                 stdin="reads only\n")
    assert made["test"]["writes"] == [] and made["test"]["dangers"] == []
    importer = flask("importer-create", "Nightly", "--list", world.offers.id, "--connection", made["id"], "--query",
                     "SELECT email, first_name FROM customers", "--map", "address=email", "--map",
                     "first_name=first_name", "--mode", "synchronise", "--schedule", "weekly mon 02:00", "--notify",
                     "alice@example.org")
    assert importer["state"] == "disabled"
    number = importer["id"]
    kept = db.session.query(Importer).one()
    assert (kept.schedule["days"], kept.zone, kept.notify) == ([0], "Europe/Berlin", "alice@example.org")
    assert flask("importer-launch", number) == (1, "This importer is disabled.")
    assert flask("importer-enable", number) == {"state": "enabled"}
    assert flask("importer-launch", number, "--dry-run")["state"] == "staged"
    run = flask("importer-launch", number)
    assert (run["state"], run["added"], run["rejects_file"]) == ("done", 60, None)
    assert flask("wait", "importer", number, "--until", "done", "--timeout", 5)["run"] == run["run"]
    assert flask("import-undo", run["run"])["state"] == "undone"
    assert flask("count", "--list", world.offers.id)["confirmed"] == 1
    shown = flask("token-show", "import", number)
    assert shown["url"].endswith(f"/lui/externalAction.do?token={shown['token']}")
    assert flask("token-set", "import", number, "--gap", 0, "--allow", "127.0.0.1", "--post-only") == {
        "gap": 0, "allow": ["127.0.0.1/32"], "post_only": True}
    answer = client.post(f"/lui/externalAction.do?token={shown['token']}&wait=0")
    assert answer.status_code == 202
    assert flask("token-renew", "import", number)["token"] != shown["token"]
    assert flask("importer-disable", number)["state"] == "disabled"
    assert db.session.query(Importer).one().name == "Nightly"


def test_every_list_has_its_download_by_a_token(flask, client, world):
    token = flask("token-show", "list", world.offers.id)["token"]
    answer = client.get(f"/lui/externalAction.do?token={token}")
    assert answer.status_code == 200 and answer.headers["X-Maestro-Rows"] == "1"
    assert int(answer.headers["Content-Length"]) == len(answer.data) and b"dave@example.org" in answer.data
    again = client.get(f"/lui/externalAction.do?token={token}")
    assert again.data == answer.data and again.headers["X-Maestro-Id"] != answer.headers["X-Maestro-Id"]
    assert client.get(f"/lui/externalAction.do?token={token}&status=1").text == "OK"


def test_what_is_not_there_says_so(flask):
    assert flask("importer-launch", 999) == (3, "There is no importer 999.")
    assert flask("writeback-run", 999)[0] == 3
    assert flask("token-show", "import", 999)[0] == 3
    made = flask("connection-create", "X", "--group", "News", "--kind", "sqlite", "--database", "x.db")
    assert "MAESTRO_IMPORT_DIR" in made["test"]["problem"]
