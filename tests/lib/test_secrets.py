import pytest

from maestro.lib import secrets

KEY = "k" * 64


def test_what_is_sealed_opens_at_its_place_only():
    sealed = secrets.seal(KEY, "setting:smtp:1", "pa55word")
    assert "pa55word" not in sealed
    assert secrets.unseal(KEY, "setting:smtp:1", sealed) == "pa55word"
    for key, place in ((KEY, "setting:smtp:2"), ("x" * 64, "setting:smtp:1")):
        with pytest.raises(ValueError, match="cannot be opened"):
            secrets.unseal(key, place, sealed)


def test_a_changed_seal_does_not_open():
    sealed = secrets.seal(KEY, "a", "text")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(ValueError, match="cannot be opened"):
        secrets.unseal(KEY, "a", changed)


def test_the_same_text_is_sealed_differently_each_time():
    assert secrets.seal(KEY, "a", "text") != secrets.seal(KEY, "a", "text")


def test_each_purpose_has_a_key_of_its_own():
    assert secrets.derive(KEY, "tok/u1") != secrets.derive(KEY, "tok/p1")
    assert secrets.fingerprint(KEY, "a", "x") != secrets.fingerprint(KEY, "b", "x")
