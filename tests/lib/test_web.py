"""What every answer has in common: one test for the configuration and the headers of all three origins."""

import pytest

from maestro.config import Config
from maestro.lib import web
from tests.conftest import PASSWORD, make_config, open_app, sqlite_copy

ADMIN, CONTENT = "http://127.0.0.1:20080", "http://localhost:20080"


def test_the_configuration_of_flask_is_the_agreed_one(app):
    agreed = {"MAX_CONTENT_LENGTH": 1_000_000, "MAX_FORM_PARTS": 200, "MAX_FORM_MEMORY_SIZE": 1_000_000,
              "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax", "PROPAGATE_EXCEPTIONS": None,
              "TRAP_HTTP_EXCEPTIONS": False}
    assert {name: app.config[name] for name in agreed} == agreed
    assert set(app.config["TRUSTED_HOSTS"]) == {"127.0.0.1", "localhost"}
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"]


@pytest.mark.parametrize("base, path, referrer, policy", [
    (ADMIN, "/login", "same-origin", "frame-ancestors 'none'"),
    (ADMIN, "/u/nonsense", "no-referrer", "default-src 'none'"),
    (CONTENT, "/v/nonsense", "no-referrer", "sandbox"),
])
def test_each_origin_has_its_headers(client, base, path, referrer, policy):
    headers = client.get(path, base_url=base).headers
    assert headers["Referrer-Policy"] == referrer
    assert policy in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if base == CONTENT else "same-origin")
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_admin_pages_run_our_scripts_only_and_are_kept_nowhere(client, world):
    answer = client.as_(world.bob).get("/admin/account")
    policy = answer.headers["Content-Security-Policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in answer.text
    assert "unsafe-inline" not in policy
    assert f"frame-src 'self' {CONTENT}" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/admin/account").headers["Content-Security-Policy"] != policy


def test_over_https_browsers_are_told_to_stay_there(client):
    headers = client.get("/healthz", base_url="https://127.0.0.1").headers
    assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_under_https_the_cookies_belong_to_this_very_host(request, tmp_path, redis_url):
    config = make_config(tmp_path, sqlite_copy(request, tmp_path), redis_url, ADMIN_URL="https://mail.example.org")
    app = open_app(config)
    with app.app_context():
        client = app.test_client()
        page = client.get("/login", base_url=config.admin_url)
        inside = client.post("/login", base_url=config.admin_url,
                             data={"email": "bob@example.org", "password": PASSWORD})
    for name, answer in (("maestro", page), ("sid", inside)):
        [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"__Host-{name}=")]
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize("host, places", [
    ("news.example.org", {"public"}), ("mail.example.org", {"admin"}), ("mail.example.org:8443", {"admin"}),
    ("content.example.org", {"content"}), ("evil.example.org", set()), ("", set())])
def test_origins_are_told_by_host(host, places):
    config = Config(SECRET_KEY="x", ADMIN_URL="https://mail.example.org", PUBLIC_URL="https://news.example.org",
                    CONTENT_URL="https://content.example.org")
    assert web.origins(host, config) == places


def test_origins_of_one_host_are_told_by_port():
    config = Config(SECRET_KEY="x", ADMIN_URL="http://127.0.0.1:1", PUBLIC_URL="http://127.0.0.1:1",
                    CONTENT_URL="http://127.0.0.1:2")
    assert web.origins("127.0.0.1:1", config) == {"admin", "public"}
    assert web.origins("127.0.0.1:2", config) == {"content"}


@pytest.mark.parametrize("target, path", [
    ("/admin/", "/admin/"), ("/admin/jobs?stage=open", None), ("/login?next=/x", "/login?next=/x"),
    ("//evil.example.org", None), ("https://evil.example.org/login", None), ("/\\evil.example.org", None),
    ("javascript:alert(1)", None), ("", None),
    (None, None), ("/nowhere", None), ("/logout", None), ("login", None)])
def test_only_paths_of_our_own_are_gone_to(app, target, path):
    with app.test_request_context("/", base_url=ADMIN):
        expected = target if target == "/admin/jobs?stage=open" and "admin.jobs" in app.view_functions else path
        assert web.own_path(target) == expected


@pytest.mark.parametrize("asked, total, text, offset, previous, following", [
    ("", 0, "Nothing here", 0, False, False), ("", 50, "1–50 of 50", 0, False, False),
    ("", 51, "1–50 of 51", 0, False, True), ("2", 51, "51–51 of 51", 50, True, False),
    ("9", 51, "51–51 of 51", 50, True, False),
    ("-3", 120, "1–50 of 120", 0, False, True),
    ("x", 120, "1–50 of 120", 0, False, True), ("2", 1234, "51–100 of 1,234", 50, True, True)])
def test_pages_are_counted_from_one_and_keep_the_question(app, asked, total, text, offset, previous, following):
    with app.test_request_context(f"/login?q=a&q=b&page={asked}"):
        found = web.paging(total)
    assert (found.text, found.offset, bool(found.previous), bool(found.next)) == (text, offset, previous, following)
    for link in filter(None, (found.previous, found.next)):
        assert link.startswith("/login?page=")
        assert link.endswith("q=a&q=b")


@pytest.mark.parametrize("name", ["people.csv", 'a"b\r\nX: y.csv', "Grüße.csv"])
def test_a_download_is_saved_under_its_name_and_adds_no_header(app, name):
    with app.test_request_context("/"):
        headers = web.download([b"x"], name, "text/csv").headers
    assert headers["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in headers["Content-Disposition"]
    assert "X" not in headers
