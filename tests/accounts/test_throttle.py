"""The brakes against guessing."""

import pytest

from maestro.accounts import throttle
from maestro.extensions import db
from maestro.lib.errors import TooMany
from maestro.models import LoginAttempt

HERE = "192.0.2.7"


def tries(count, account="ann@example.org", ip=HERE, what="password"):
    """How many of so many tries are let through."""
    passed = 0
    for _ in range(count):
        try:
            throttle.take(what, account, ip)
            db.session.commit()
            passed += 1
        except TooMany:
            db.session.rollback()
    return passed


def test_of_a_thousand_guesses_at_most_twenty_get_through(sqlite_app):
    assert tries(1000) == 10


def test_ten_tries_are_free(app):
    assert tries(12) == 10


def test_the_wait_is_said_and_doubles_up_to_a_quarter_of_an_hour(app, turn):
    tries(10)
    waits = []
    for _ in range(4):
        with pytest.raises(TooMany) as refusal:
            throttle.take("password", "ann@example.org", HERE)
        db.session.rollback()
        waits.append(round(refusal.value.retry_after))
        turn(refusal.value.retry_after + 1)
        assert tries(1) == 1
    assert waits == [30, 60, 120, 240]
    assert "Wait" in refusal.value.sentence


def test_another_account_is_not_slowed_down(app):
    tries(30)
    assert tries(5, account="ben@example.org") == 5


def test_the_spelling_of_an_account_makes_no_new_one(app):
    tries(10, account="Ann@Example.org")
    assert tries(5, account="ann@example.org") == 0


def test_one_address_gets_a_hundred_tries_an_hour_whatever_the_account(app, turn):
    assert sum(tries(1, account=f"user{number}@example.org") for number in range(130)) == 100
    turn(3601)
    assert tries(1) == 1


def test_a_right_password_takes_the_brake_off(app):
    tries(9)
    throttle.forgive("password", "ann@example.org", HERE)
    db.session.commit()
    assert tries(10) == 10


def test_neither_account_nor_address_is_stored_in_clear(app):
    tries(1)
    keys = " ".join(db.session.scalars(db.select(LoginAttempt.key)))
    assert "ann" not in keys
    assert HERE not in keys


def test_tries_that_count_no_more_are_forgotten(app, turn):
    tries(3)
    turn(3601)
    throttle.tidy()
    assert db.session.query(LoginAttempt).count() == 0
