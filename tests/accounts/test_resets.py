"""Links for a new password (T14)."""

import json
import re

import pytest

from maestro.accounts import passwords, resets, sessions
from maestro.extensions import db
from maestro.lib.errors import Forbidden, NotFound, Refused
from maestro.models import Post, ResetToken

PASSWORD = "another good pass phrase"


@pytest.fixture
def settings():
    return {"SMTP_URL": "smtp://127.0.0.1:25000"}


def asked(config, address="bob@example.org"):
    """The token in the mail that asking for a link leads to."""
    resets.ask(address, config)
    db.session.commit()
    raw = db.session.query(Post).one().raw.replace(b"=\r\n", b"")
    return re.search(rb"/reset/([\w-]+)", raw)[1].decode()


def test_the_link_sets_the_password_once_and_signs_nobody_in(world, config):
    token, open_session = asked(config), sessions.start(world.bob)
    resets.use(token, PASSWORD, config)
    assert passwords.matches(world.bob.password_hash, PASSWORD)
    assert sessions.read(open_session) is None
    assert sessions.mine(world.bob) == []
    with pytest.raises(NotFound):
        resets.use(token, PASSWORD + "!", config)


def test_ten_minutes_later_it_does_not_work(world, config, turn):
    token = asked(config)
    turn(601)
    with pytest.raises(NotFound):
        resets.owner(token)


def test_a_new_link_voids_the_one_before(world, config):
    old = asked(config)
    resets.ask("bob@example.org", config)
    with pytest.raises(NotFound):
        resets.owner(old)


def test_a_poor_password_leaves_the_link_usable(world, config):
    token = asked(config)
    with pytest.raises(Refused):
        resets.use(token, "password1234", config)
    db.session.rollback()
    assert resets.owner(token).id == world.bob.id


@pytest.mark.parametrize("address", ["nobody@example.org", "no address", "", "💥@example.org"])
def test_unknown_addresses_get_no_mail(world, config, address):
    resets.ask(address, config)
    assert db.session.query(Post).count() == 0


def test_a_disabled_user_gets_none_either(world, config):
    token = asked(config)
    world.bob.disabled_at = world.bob.created_at
    with pytest.raises(NotFound):
        resets.owner(token)


def test_the_token_is_stored_as_a_hash(world, config):
    token = asked(config)
    assert token != db.session.query(ResetToken).one().hash


def test_a_manager_makes_no_link_for_a_site_administrator(world, config):
    with pytest.raises(Forbidden):
        resets.invite(world.root, config, by=world.alice)
    with pytest.raises(Forbidden):
        resets.invite(world.bob, config, by=world.carol)
    assert "/reset/" in resets.invite(world.bob, config, by=world.alice)


def test_the_command_line_makes_a_link_for_everybody(app, world):
    answer = app.test_cli_runner().invoke(args=["user-link", "ROOT@example.org", "--json"])
    token = json.loads(answer.stdout)["url"].rpartition("/")[2]
    assert resets.owner(token).id == world.root.id
    assert app.test_cli_runner().invoke(args=["user-link", "nobody@example.org", "--json"]).exit_code == 3
