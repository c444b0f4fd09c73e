"""Settings, the audit log and the status page."""

from dataclasses import replace

import pytest

from maestro import audit
from maestro.accounts import settings as stored
from maestro.extensions import db
from maestro.models import AuditEntry

INSTALLATION = {"organisation": "Moss Ltd", "address": "1 Pond Road", "zone": "Europe/Paris", "language": "en",
                "grace": "30", "test_required": "warn", "changelog_days": "0"}
SENDING = {"host": "mail.example.org", "port": "587", "tls": "starttls", "user": "me", "password": "planted secret",
           "connections": "5", "notices_from": "maestro@example.org"}


def test_the_organisation_page_stores_what_it_shows(client, world):
    client.as_(world.root)
    assert client.post("/admin/settings/organisation", data=INSTALLATION).status_code == 303
    assert [stored.get(name) for name in ("organisation", "zone", "grace", "changelog_days", "csv_guard")] == [
        "Moss Ltd", "Europe/Paris", 30, 0, False]
    page = client.get("/admin/settings/organisation").text
    assert 'value="Moss Ltd"' in page
    assert 'value="30"' in page


@pytest.mark.parametrize("name, value", [
    ("zone", "Mars/Base"), ("grace", "601"), ("grace", "soon"), ("organisation", "")])
def test_a_wrong_value_is_shown_at_its_field_and_nothing_changes(client, world, name, value):
    before = stored.get("address")
    answer = client.as_(world.root).post("/admin/settings/organisation", data={**INSTALLATION, name: value})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert stored.get("address") == before


def test_the_server_is_stored_and_its_password_never_shown(client, world, config):
    client.as_(world.root)
    assert "Safe mode" in client.get("/admin/account").text
    client.post("/admin/settings/sending", data=SENDING)
    assert stored.smtp_url(config) == "smtp://me:planted%20secret@mail.example.org:587?tls=starttls&connections=5"
    page = client.get("/admin/settings/sending").text
    assert "planted secret" not in page
    assert "Safe mode." not in page
    client.post("/admin/settings/sending", data={**SENDING, "password": "", "port": "2525"})
    assert ":planted%20secret@mail.example.org:2525" in stored.smtp_url(config)


def test_the_connection_is_tested_on_request_and_the_book_says_how_it_went(app, client, world, smtp_sink):
    assert client.as_(world.alice).post("/admin/settings/sending/test").status_code == 403
    client.as_(world.root)
    assert "Test connection" not in client.get("/admin/settings/sending").text
    assert "No mail server is set" in client.post("/admin/settings/sending/test").text
    client.post("/admin/settings/sending", data={**SENDING, "host": "127.0.0.1", "port": smtp_sink.port, "tls": "none"})
    page = client.post("/admin/settings/sending/test").text
    assert "lies in a private network" in page
    assert smtp_sink.connections == 0
    app.extensions["maestro"] = replace(app.extensions["maestro"], EGRESS_ALLOW=(f"smtp=127.0.0.1:{smtp_sink.port}",))
    page = client.post("/admin/settings/sending/test").text
    assert "The mail server takes us." in page
    assert "It accepted the log-in." in page
    assert 'value="127.0.0.1"' in page
    assert smtp_sink.passwords == ["\0me\0planted secret"]
    assert "planted secret" not in page
    told = db.session.query(AuditEntry).filter_by(action="settings.test").order_by(AuditEntry.id).all()
    assert [entry.details["outcome"] for entry in told] == ["connect", "accepted"]


def test_settings_lead_to_the_first_page_that_one_may_open(client, world):
    for user, location in ((world.root, "/admin/settings/organisation"), (world.alice, "/admin/users"),
                           (world.bob, "/admin/account")):
        assert client.as_(user).get("/admin/settings").location == location


def test_the_audit_log_is_filtered_and_shows_the_own_group_only(client, world):
    audit.record("dataset.change", world.dataset, world.alice, name="Mine <script>")
    audit.record("dataset.change", world.foreign, world.carol, name="Hers")
    db.session.commit()
    page = client.as_(world.alice).get("/admin/audit?kind=dataset&q=alice").text
    assert "Mine &lt;script&gt;" in page
    assert "Hers" not in client.get("/admin/audit").text
    assert "Hers" in client.as_(world.root).get("/admin/audit").text
    assert "Nothing like that" in client.get("/admin/audit?q=zebra").text


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=999", "page=x", "q=%25%27--", "kind=x'or"])
def test_odd_questions_to_the_audit_log_break_nothing(client, world, query):
    assert client.as_(world.root).get(f"/admin/audit?{query}").status_code == 200


@pytest.mark.parametrize("address", ["/admin/audit?q=%00", f"/admin/users/{10 ** 30}", "/admin/palette?q=%00"])
def test_what_no_column_can_hold_breaks_nothing(client, world, address):
    assert client.as_(world.root).get(address).status_code in (200, 400, 404)


def test_the_status_page_shows_the_checks(client, world):
    page = client.as_(world.root).get("/admin/status").text
    assert "The database writes and reads" in page
    assert "No scheduler is running" in page
