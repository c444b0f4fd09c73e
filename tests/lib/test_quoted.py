import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.lib.quoted import SOFT, clean, encode, slot
from tests.parts.corpora import naughty_strings

NAUGHTY = naughty_strings()


def read(raw):
    return quopri.decodestring(raw.replace(b"\r\n", b"\n")).decode()


def assert_clean(raw):
    lines = raw.split(b"\r\n")
    assert raw.isascii() and b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 76 for line in lines)
    assert not any(line.startswith((b".", b"From ")) or line.endswith((b" ", b"\t")) or b"  " in line for line in lines)


TEXTS = [
    "", "a", ".", "..", "\n.\n", "a\n.\nb", "From me", "a\nFrom me", " ", "   ", "a  b", "a \nb", "x" * 72, "x" * 73,
    "x" * 500, "é" * 100, "=" * 80, "=3D", "a" * 71 + "é", "a" * 70 + "é", "." * 300, " " * 300, "a\tb\t", "\n\n\n",
    "x" * 72 + ".", "x" * 72 + "From me", "x" * 71 + " y", *map(clean, NAUGHTY),
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_comes_back_and_every_line_is_safe(text):
    for raw in (encode(text), slot(text)):
        assert read(raw) == text
        assert_clean(raw)


@given(st.lists(st.text(alphabet=" .=aFrom\né\t😀", max_size=90), min_size=1, max_size=8))
def test_pieces_joined_by_soft_breaks_read_as_one_text(texts):
    raw = SOFT.join([encode(text) if index % 2 else slot(text) for index, text in enumerate(texts)])
    assert read(raw) == "".join(texts)
    assert_clean(raw)


@given(st.text(alphabet=st.characters()))
def test_cleaning_leaves_one_kind_of_line_end_and_no_controls(text):
    cleaned = clean(text)
    assert "\r" not in cleaned and "\x00" not in cleaned and cleaned == clean(cleaned)
    cleaned.encode()


def test_the_smuggling_set_cannot_end_a_message():
    for trap in ("\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r\n"):
        assert not any(line == b"." for line in encode(clean(f"a{trap}b")).replace(b"\r", b"\n").split(b"\n"))
