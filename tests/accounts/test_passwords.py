"""Which passwords are taken, and how they are kept."""

import pytest

from maestro.accounts import passwords
from maestro.lib.errors import Refused

CONTEXT = ("alice@example.org", "Alice Archer", "Fern Ltd")


@pytest.mark.parametrize("password", [
    "short", "elevenchars", "x" * 257, "password1234", "aaaaaaaaaaaa", "qwertyuiop12", "abcdefghijkl",
    "alice@example.org", "FernLtdFernLtd", "Alice-Archer-1", "maestro-maestro", "administrator"])
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(Refused) as refusal:
        passwords.judge(password, CONTEXT)
    assert refusal.value.field == "password"


@pytest.mark.parametrize("password", [
    "correct horse battery 7", "Kaffee mit Hafermilch!", "пароль из многих слов", "x9#Lq2&vT7!w",
    "🌿🍃🌱🌿🍃🌱 leaves and leaves"])
def test_every_letter_and_every_language_is_taken(password):
    passwords.judge(password, CONTEXT)


def test_a_hash_is_argon2id_of_the_agreed_cost_and_matches_its_password_only():
    stored = passwords.hashed("correct horse battery 7")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.matches(stored, "correct horse battery 7")
    assert not passwords.matches(stored, "correct horse battery 8")


@pytest.mark.parametrize("stored", [None, passwords.NOT_SET])
def test_an_unknown_user_and_one_without_a_password_match_nothing(stored):
    assert not passwords.matches(stored, "what unknown users are compared with")
    assert not passwords.matches(stored, "")
