"""One's own account, the users of a group, and groups."""

import re
from urllib.parse import urlsplit

import pyotp
import pytest

from maestro.accounts import sessions
from maestro.admin.account import browser
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Group, User, UserSession
from tests.conftest import PASSWORD

NEW = "another good pass phrase"


def change_password(client, **parts):
    return client.post("/admin/account/password", data={"current": PASSWORD, "password": NEW, "again": NEW, **parts})


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(client, world):
    other = sessions.start(world.bob)
    client.as_(world.bob)
    before = client.get_cookie("sid", domain="127.0.0.1").value
    assert change_password(client).location == "/admin/account"
    assert sessions.read(other) is None
    assert sessions.read(before) is None
    assert client.get("/admin/account").status_code == 200


@pytest.mark.parametrize("parts, said", [
    ({"current": "wrong"}, "This is not your password."), ({"again": "something else"}, "The two are not the same."),
    ({"password": "password1234", "again": "password1234"}, "among the first that are guessed"),
    ({"password": "short", "again": "short"}, "12 to 256 characters")])
def test_a_wrong_new_password_is_shown_at_its_field(client, world, parts, said):
    answer = change_password(client.as_(world.bob), **parts)
    assert answer.status_code == 422
    assert said in answer.text


def test_look_and_keys_are_kept_for_every_browser(client, world):
    client.as_(world.bob).post("/admin/account", data={"name": "Bob <b>", "theme": "dark"})
    page = client.get("/admin/account").text
    assert 'data-bs-theme="dark"' in page
    assert 'data-keys="off"' in page
    assert "Bob &lt;b&gt;" in page


def test_the_second_factor_is_set_up_with_a_picture_and_ten_codes(client, world):
    page = client.as_(world.bob).get("/admin/account/factor").text
    assert "data:image/svg+xml" in page
    seed = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)[1]
    assert client.post("/admin/account/factor", data={"code": "000"}).status_code == 422
    codes = client.post("/admin/account/factor", data={"code": pyotp.TOTP(seed).at(int(clock.now().timestamp()))}).text
    assert len(set(re.findall(r"<li><code>([a-z2-9-]{17})</code>", codes))) == 10
    assert "10 of your recovery codes are left" in client.get("/admin/account").text
    client.post("/admin/account/factor/off")
    assert "recovery codes are left" not in client.get("/admin/account").text


def test_a_session_is_ended_from_elsewhere_and_foreign_ones_do_not_exist(client, world):
    token, foreign = sessions.start(world.bob), sessions.start(world.alice)
    db.session.commit()
    client.as_(world.bob)
    ids = {session.user_id: session.id for session in db.session.query(UserSession).filter(UserSession.hash.in_(
        [sessions.digest(token), sessions.digest(foreign)]))}
    assert client.post(f"/admin/account/sessions/{ids[world.alice.id]}/end").status_code == 404
    assert client.post(f"/admin/account/sessions/{ids[world.bob.id]}/end").status_code == 303
    assert sessions.read(token) is None
    assert sessions.read(foreign)


def test_all_other_sessions_end_at_once(client, world):
    tokens = [sessions.start(world.bob) for _ in range(3)]
    client.as_(world.bob).post("/admin/account/sessions/end")
    assert [sessions.read(token) for token in tokens] == [None] * 3
    assert client.get("/admin/account").status_code == 200


def test_a_new_user_sets_the_password_through_the_link(app, client, world):
    answer = client.as_(world.alice).post("/admin/users/new", data={
        "email": "new@example.org", "name": "New", "group": world.group.id, "role": "author"})
    link = re.search(r"http://127\.0\.0\.1:20080/reset/[\w-]+", answer.text)[0]
    guest = app.test_client()
    page = guest.get(urlsplit(link).path)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert guest.post(urlsplit(link).path, data={"password": NEW}).location == "/login"
    assert guest.post("/login", data={"email": "new@example.org", "password": NEW}).location == "/admin/"
    assert guest.get(urlsplit(link).path).status_code == 404


def test_a_manager_offers_neither_the_site_role_nor_foreign_groups(client, world):
    page = client.as_(world.alice).get("/admin/users/new").text
    assert "Site administrator" not in page
    assert world.carol.group.name not in page
    data = {"email": "new@example.org", "group": world.carol.group.id, "role": "viewer"}
    assert client.post("/admin/users/new", data=data).status_code == 422
    assert client.post("/admin/users/new", data={**data, "group": world.group.id, "role": "site"}).status_code == 422
    assert not db.session.query(User).filter_by(email_key="new@example.org").count()


def test_users_of_other_groups_do_not_exist_for_a_manager(client, world):
    client.as_(world.alice)
    assert "carol@example.org" not in client.get("/admin/users").text
    assert client.get(f"/admin/users/{world.carol.id}").status_code == 404
    assert client.post(f"/admin/users/{world.carol.id}/disable").status_code == 404
    assert "carol@example.org" in client.as_(world.root).get("/admin/users").text


def test_a_site_administrator_of_the_own_group_is_out_of_a_managers_reach(client, world):
    world.root.group_id = world.group.id
    db.session.commit()
    client.as_(world.alice)
    for verb in ("disable", "link"):
        assert client.post(f"/admin/users/{world.root.id}/{verb}").status_code == 403
    assert client.post(f"/admin/users/{world.root.id}", data={"role": "viewer"}).status_code in (403, 422)


def test_role_and_switch_end_the_sessions_of_a_user(client, app, world):
    other = app.test_client()
    client.as_(world.alice)
    for path, data in ((f"/admin/users/{world.bob.id}", {"role": "viewer"}),
                       (f"/admin/users/{world.bob.id}/disable", {})):
        other.as_(world.bob)
        assert client.post(path, data=data).location == "/admin/users"
        assert other.get("/admin/account").location.startswith("/login")
        db.session.refresh(world.bob)
    client.post(f"/admin/users/{world.bob.id}/enable")
    other.as_(world.bob)
    assert other.get("/admin/account").status_code == 200


def test_a_site_administrator_makes_and_renames_groups(client, world):
    client.as_(world.root)
    assert client.post("/admin/groups", data={"name": "Third"}).location == "/admin/groups"
    assert client.post("/admin/groups", data={"name": "third"}).status_code == 422
    group = db.session.query(Group).filter_by(name="Third").one()
    assert client.post(f"/admin/groups/{group.id}", data={"name": "Fourth"}).location == "/admin/groups"
    assert "Fourth" in client.get("/admin/groups").text


def test_the_second_factor_is_asked_of_administrators_where_others_can_reach_the_pages(app, world):
    app.extensions["maestro"] = type(app.extensions["maestro"])(
        **{**vars(app.extensions["maestro"]), "ADMIN_URL": "https://mail.example.org"})
    app.config["TRUSTED_HOSTS"] = ["mail.example.org"]
    browser = app.test_client()
    for user, location in ((world.alice, "/admin/account"), (world.bob, None)):
        browser.set_cookie("__Host-sid", sessions.start(user), domain="mail.example.org", secure=True)
        db.session.commit()
        assert browser.get("/admin/palette", base_url="https://mail.example.org").location == location
        assert browser.get("/admin/account", base_url="https://mail.example.org").status_code == 200


@pytest.mark.parametrize("agent, words", [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Safari/604.1",
     "Safari on iPhone"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Linux"),
    ("curl/8", "A browser"), ("", "A browser")])
def test_a_browser_is_called_by_its_name(agent, words):
    assert browser(agent) == words
