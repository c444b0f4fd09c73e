"""Signing in and out through the door, and what it takes from there on."""

import re
from urllib.parse import urlsplit

import pyotp
import pytest

from maestro.accounts import factors, resets, sessions
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.secrets import unseal
from maestro.models import AuditEntry, UserSession
from tests.conftest import PASSWORD

ORIGIN = "http://127.0.0.1:20080"


def log_in(client, email="bob@example.org", password=PASSWORD, **options):
    return client.post("/login", data={"email": email, "password": password}, **options)


def cookie(client):
    found = client.get_cookie("sid", domain="127.0.0.1")
    return found.value if found else None


def test_a_right_password_opens_a_session_and_leads_where_one_wanted_to_go(client, world):
    refused = client.get("/admin/account")
    assert refused.location == "/login?next=/admin/account"
    answer = client.post(refused.location, data={"email": "BOB@example.org", "password": PASSWORD})
    assert answer.location == "/admin/account"
    assert client.get("/admin/account").status_code == 200
    assert sessions.read(cookie(client)).user.id == world.bob.id


@pytest.mark.parametrize("flag", ["HttpOnly", "SameSite=Lax", "Path=/"])
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client, world, flag):
    assert flag in log_in(client).headers["Set-Cookie"]


@pytest.mark.parametrize("email, password", [
    ("bob@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("no address", PASSWORD),
    ("bob@example.org", "💥" * 50)])
def test_whatever_is_wrong_the_answer_is_the_same(client, world, email, password):
    answer = log_in(client, email, password)
    assert answer.status_code == 422
    assert "That name and password do not match." in answer.text
    assert cookie(client) is None


def test_a_disabled_user_does_not_get_in(client, world):
    world.bob.disabled_at = world.bob.created_at
    db.session.commit()
    assert log_in(client).status_code == 422


def test_the_eleventh_wrong_password_has_to_wait_even_if_right(client, world):
    for _ in range(10):
        log_in(client, password="wrong")
    answer = log_in(client)
    assert answer.status_code == 429
    assert re.search(r"Too many tries\. Wait \d+ s and try again\.", answer.text)
    assert int(answer.headers["Retry-After"]) <= 31


@pytest.mark.parametrize("target", [
    "https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)", "http:evil",
    "/nowhere", " "])
def test_nobody_is_led_elsewhere_after_signing_in(client, world, target):
    answer = client.post("/login", query_string={"next": target},
                         data={"email": "bob@example.org", "password": PASSWORD})
    assert answer.location == "/admin/"


def test_a_planted_id_is_not_taken_up(client, world):
    client.set_cookie("sid", "planted" * 6, domain="127.0.0.1")
    log_in(client)
    assert cookie(client) != "planted" * 6


def test_signing_in_again_ends_the_session_before(client, world):
    log_in(client)
    first = cookie(client)
    log_in(client)
    assert sessions.read(first) is None
    assert cookie(client) != first


def test_signing_out_ends_the_session(client, world):
    log_in(client)
    token = cookie(client)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 303
    assert sessions.read(token) is None
    assert client.get("/admin/account").location.startswith("/login")


def test_what_another_site_sends_is_refused(client, world):
    client.as_(world.bob)
    for headers in ({"Origin": "https://evil.example.org"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}):
        assert client.post("/admin/account", headers=headers).status_code == 403, headers
    assert client.post("/admin/account", headers={"Origin": ORIGIN}).status_code == 303


def test_without_the_token_of_the_own_session_no_form_is_taken(app, client, world):
    app.config["WTF_CSRF_ENABLED"] = True
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    data = {"email": "bob@example.org", "password": PASSWORD}
    assert client.post("/login", data=data).status_code == 403
    assert app.test_client().post("/login", data={**data, "csrf_token": token}).status_code == 403
    assert client.post("/login", data={**data, "csrf_token": token}).status_code == 303


def test_the_password_is_asked_for_again_before_sensitive_things(client, world, turn):
    client.as_(world.alice)
    assert client.get("/admin/users/new").status_code == 200
    turn(601)
    asked = client.get("/admin/users/new")
    assert asked.location == "/admin/confirm?next=/admin/users/new"
    assert client.post(asked.location, data={"password": "wrong"}).status_code == 422
    before = cookie(client)
    assert client.post(asked.location, data={"password": PASSWORD}).location == "/admin/users/new"
    assert cookie(client) != before
    assert client.get("/admin/users/new").status_code == 200


def test_a_pressed_button_comes_back_to_its_page_after_the_password(client, world, turn):
    client.as_(world.alice)
    turn(601)
    answer = client.post(f"/admin/users/{world.bob.id}/disable", headers={"Referer": f"{ORIGIN}/admin/users"})
    assert answer.location == "/admin/confirm?next=/admin/users"
    db.session.refresh(world.bob)
    assert world.bob.is_active


@pytest.fixture
def with_factor(world):
    factors.enrol(world.bob)
    world.bob.codes = factors.confirm(world.bob, code(world.bob), by=world.bob)
    db.session.commit()
    return world.bob


def code(user, steps=0):
    seed = unseal(factors.key(), factors.place(user), user.totp_sealed)
    return pyotp.TOTP(seed).at(int(clock.now().timestamp()) + 30 * steps)


def test_the_second_step_is_asked_for_and_nothing_opens_before(client, with_factor, turn):
    assert log_in(client).location == "/login/code"
    assert client.get("/admin/account").location.startswith("/login")
    half = cookie(client)
    used_when_set_up = {"code": code(with_factor)}
    assert client.post("/login/code", data=used_when_set_up).status_code == 422
    turn(30)
    assert client.post("/login/code", data={"code": code(with_factor)}).location == "/admin/"
    assert cookie(client) != half
    assert client.get("/admin/account").status_code == 200


def test_a_recovery_code_does_as_well_but_once(client, with_factor):
    for status in (303, 422):
        log_in(client)
        assert client.post("/login/code", data={"code": with_factor.codes[0]}).status_code == status


def test_codes_cannot_be_guessed(client, with_factor):
    log_in(client)
    answers = [client.post("/login/code", data={"code": f"{number:06}"}).status_code for number in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_a_half_finished_log_in_waits_ten_minutes(client, with_factor, turn):
    log_in(client)
    turn(601)
    assert client.get("/login/code").location.startswith("/login")


def test_a_reset_does_not_skip_the_second_factor(client, world, config, with_factor):
    link = resets.invite(with_factor, config, by=world.alice)
    db.session.commit()
    assert client.post(urlsplit(link).path, data={"password": "another good pass phrase"}).location == "/login"
    assert client.get("/admin/account").location.startswith("/login")
    assert log_in(client, password="another good pass phrase").location == "/login/code"


@pytest.mark.parametrize("host", [
    "evil.example.org", "127.0.0.1:99", "localhost:20080@evil.example.org", "127.0.0.1.evil.example.org"])
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_no_header_changes_where_a_link_leads(client, world, config, header, host):
    answer = client.as_(world.alice).post(f"/admin/users/{world.bob.id}/link", headers={header: host})
    assert answer.status_code in (200, 400, 404)
    assert "evil" not in answer.text
    assert ":99" not in answer.text


def test_forgetting_says_the_same_to_everybody(client, world):
    pages = [re.sub(r'nonce="[^"]+"', "", client.post("/forgot", data={"email": email}).text)
             for email in ("bob@example.org", "nobody@example.org")]
    assert pages[0] == pages[1]


def test_what_happened_is_in_the_audit_with_its_origin(client, world):
    log_in(client, password="wrong")
    log_in(client)
    client.post("/logout")
    entries = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("user.log_")).order_by(AuditEntry.id)
    assert [(entry.action, entry.ip) for entry in entries] == [
        ("user.log_in_failed", "127.0.0.1"), ("user.log_in", "127.0.0.1"), ("user.log_out", "127.0.0.1")]


def test_use_is_noted_once_a_minute_though_pages_only_read(client, world, turn):
    client.as_(world.bob)
    begun = db.session.query(UserSession.seen_at).scalar()
    client.get("/admin/account")
    assert db.session.query(UserSession.seen_at).scalar() == begun
    turn(61)
    client.get("/admin/account")
    assert db.session.query(UserSession.seen_at).scalar() > begun


def test_next_door_one_is_shown_the_way(client, world):
    answer = client.get("/admin/account?x=1", base_url="http://localhost:20080")
    assert answer.location == f"{ORIGIN}/admin/account?x=1"
    assert client.post("/login", base_url="http://localhost:20080").status_code == 404
