"""The second factor: codes work once, secrets are sealed in their place (T13, T38)."""

import pyotp
import pytest

from maestro.accounts import factors
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.secrets import unseal
from maestro.models import RecoveryCode


def code(user, steps=0):
    seed = unseal(factors.key(), factors.place(user), user.totp_sealed)
    return pyotp.TOTP(seed).at(int(clock.now().timestamp()) + 30 * steps)


@pytest.fixture
def bob(world):
    factors.enrol(world.bob)
    return world.bob


def test_it_is_on_after_the_first_good_code(bob):
    with pytest.raises(Refused):
        factors.confirm(bob, "000000" if code(bob) != "000000" else "111111", by=bob)
    assert not bob.totp_on
    assert len(factors.confirm(bob, code(bob), by=bob)) == 10
    assert bob.totp_on
    with pytest.raises(WrongState):
        factors.enrol(bob)


def test_a_code_works_once_and_older_ones_not_at_all(bob, turn):
    now = code(bob)
    before = code(bob, -1)
    assert factors.is_good(bob, now)
    assert not factors.is_good(bob, now)
    assert not factors.is_good(bob, before)
    turn(30)
    assert factors.is_good(bob, code(bob))


@pytest.mark.parametrize("steps, good", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(bob, steps, good):
    assert factors.is_good(bob, code(bob, steps)) == good


@pytest.mark.parametrize("text", ["", "abcdef", "１２３４５６", "12345", "1234567", "💥"])
def test_what_is_no_code_is_refused_quietly(bob, text):
    assert not factors.is_good(bob, text)


def test_blanks_in_a_code_are_forgiven(bob):
    found = code(bob)
    assert factors.is_good(bob, f" {found[:3]} {found[3:]} ")


def test_a_recovery_code_opens_once_and_is_stored_as_a_hash(bob):
    codes = factors.confirm(bob, code(bob), by=bob)
    assert not set(codes) & set(db.session.scalars(db.select(RecoveryCode.hash)))
    assert factors.recover(bob, codes[3].upper())
    assert not factors.recover(bob, codes[3])
    assert factors.codes_left(bob) == 9


def test_new_codes_void_the_old_ones(bob):
    old = factors.confirm(bob, code(bob), by=bob)
    factors.new_codes(bob, by=bob)
    assert not factors.recover(bob, old[0])


def test_a_seed_opens_at_its_own_row_only(bob, world):
    world.alice.totp_sealed = bob.totp_sealed
    with pytest.raises(ValueError, match="cannot be opened"):
        factors.is_good(world.alice, "123456")


@pytest.mark.parametrize("url, due", [
    ("http://127.0.0.1:8080", False), ("http://localhost", False), ("http://[::1]:80", False),
    ("https://mail.example.org", True)])
def test_administrators_need_it_where_others_can_reach_the_pages(world, app, url, due):
    config = type("Config", (), {"admin_url": url})
    assert factors.is_due(world.alice, config) == due
    assert factors.is_due(world.root, config) == due
    assert not factors.is_due(world.bob, config)
