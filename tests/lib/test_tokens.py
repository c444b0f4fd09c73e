import random

import pytest

from maestro.lib.tokens import KINDS, Maker

MAKER = Maker("a" * 64)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "l"])
def test_a_token_of_32_characters_says_what_was_put_into_it(kind):
    token = MAKER.mint(kind, 2**63 + 5, 7)
    assert len(token) == 32
    assert MAKER.read(kind, token)[:2] == (2**63 + 5, 7)


def test_a_link_carries_its_number_and_covers_its_data():
    token = MAKER.mint_link(9 << 32 | 4, 1, 513, b"rendered")
    assert MAKER.read("l", token, b"rendered") == (9 << 32 | 4, 1, 513)
    assert MAKER.read("l", token, b"changed") is None


@pytest.mark.parametrize("other", [kind for kind in KINDS if kind != "u"])
def test_a_token_is_good_for_one_purpose_only(other):
    assert MAKER.read(other, MAKER.mint("u", 1)) is None


def test_a_token_of_another_installation_is_worthless():
    assert Maker("b" * 64).read("u", MAKER.mint("u", 1)) is None


@pytest.mark.parametrize("text", [
    "", "x", "🙂" * 8, "A" * 31, "A" * 32, "A" * 33, "=" * 32, "../../etc/passwd", "\0" * 32, " " * 32])
def test_nonsense_is_no_token(text):
    assert MAKER.read("u", text) is None
    assert MAKER.read("l", text) is None


def test_no_changed_character_goes_unseen():
    token, dice = MAKER.mint("u", 12345), random.Random(1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for _ in range(2000):
        place, letter = dice.randrange(32), dice.choice(alphabet)
        changed = token[:place] + letter + token[place + 1 :]
        assert changed == token or MAKER.read("u", changed) is None
