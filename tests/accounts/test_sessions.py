"""Sessions end with time, and with the credential that they came from (T10, I13)."""

import pytest

from maestro.accounts import sessions, users
from maestro.extensions import db
from maestro.models import UserSession

PASSWORD = "another good pass phrase"


@pytest.fixture
def token(world):
    token = sessions.start(world.bob, "192.0.2.7", "Browser")
    db.session.commit()
    return token


def test_only_a_hash_of_the_token_is_stored(world, token):
    row = db.session.query(UserSession).one()
    assert token not in (row.hash, row.agent, row.ip)
    assert sessions.read(token).user.id == world.bob.id


@pytest.mark.parametrize("planted", ["", "x" * 43, "0", "💥", "a" * 10_000])
def test_an_id_that_we_did_not_give_is_never_taken_up(world, token, planted):
    assert sessions.read(planted) is None
    assert db.session.query(UserSession).count() == 1


def test_two_idle_hours_end_it(token, turn):
    turn(2 * 3600 - 1)
    assert sessions.read(token)
    turn(2)
    assert sessions.read(token) is None


def test_twelve_hours_end_it_though_it_is_in_use(token, turn):
    for _ in range(11):
        turn(3600)
        sessions.touch(sessions.read(token).id)
        db.session.commit()
        db.session.expire_all()
    turn(3600)
    assert sessions.read(token) is None


@pytest.mark.parametrize("event", [
    lambda world: users.set_password(world.bob, PASSWORD, by=world.bob),
    lambda world: users.set_role(world.bob, "viewer", by=world.alice),
    lambda world: users.disable(world.bob, by=world.alice),
], ids=["password", "role", "disabled"])
def test_sessions_die_with_what_they_came_from(world, token, event):
    event(world)
    db.session.commit()
    assert sessions.read(token) is None


def test_the_session_in_which_the_password_is_changed_stays(world, token):
    other = sessions.start(world.bob)
    users.set_password(world.bob, PASSWORD, by=world.bob, but=sessions.read(token))
    assert sessions.read(token)
    assert sessions.read(other) is None


def test_a_renewed_session_has_a_new_id(token):
    new = sessions.renew(sessions.read(token))
    assert sessions.read(token) is None
    assert sessions.read(new)


def test_a_password_is_fresh_for_ten_minutes(token, turn):
    assert sessions.is_fresh(sessions.read(token))
    turn(601)
    assert not sessions.is_fresh(sessions.read(token))
    assert sessions.is_fresh(sessions.read(sessions.freshen(sessions.read(token))))


def test_what_is_over_is_forgotten(token, turn):
    turn(13 * 3600)
    sessions.tidy()
    assert db.session.query(UserSession).count() == 0
