"""Columns judged at once come out as if each value had been judged alone."""

import polars as pl
import pytest

from maestro.exchange import judging
from maestro.exchange.styles import Style
from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.models import Field
from maestro.warehouse import fields
from tests.parts.corpora import naughty_strings

NAUGHTY = naughty_strings()
VALUES = ["", " ", "0", "-1", "+1", "1.5", "1,5", "1e3", "inf", "nan", "9007199254740993", "1_000", "0x10",
          "2026-11-22", "2026-02-30", "22.11.2026", "0001-01-01", "yes", "F", "Red", "green", "red,GREEN", "x" * 300,
          " a ", "a\0b", "١"]
TYPES = ["text", "number", "date", "yesno", "choice", "choices"]


def alone(parse, text):
    try:
        return parse(text)
    except Refused as refusal:
        return refusal.sentence


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("style", [Style(), Style(decimal=",", dates="dmy", several=";")], ids=["plain", "other"])
def test_fields_are_judged_by_the_one_rule(type, style):
    field = Field(name="f", label="Field", type=type, choices=["red", "green"])
    texts = [text.strip() for text in VALUES + NAUGHTY if text.strip()] + [None]
    found = judging.judge_field(field, pl.Series(texts, dtype=pl.String), style)
    for text, value in zip(texts, found.values, strict=True):
        expected = alone(lambda text: fields.parse(field, style.plain(type, text)) if text else None, text)
        assert found.reasons.get(text, value) == expected, text


def test_addresses_are_judged_by_the_one_rule():
    texts = ["ann@example.org", "Ann@Example.ORG", "ann@", "müller@example.org", "ann@müller.example",
             "a b@example.org", "o'brien+tag@sub.example.org", "=1+1@example.org", "x" * 65 + "@example.org",
             *NAUGHTY]
    texts = [text.strip() for text in texts if text.strip()]
    judged, keys = judging.judge_addresses(pl.Series(texts, dtype=pl.String))
    for text, given, key in zip(texts, judged.values, keys, strict=True):
        found = judged.reasons.get(text, (given, key))
        assert found == alone(lambda text: addresses.judge(text)[:2], text)


def test_an_empty_column_is_no_problem():
    nothing = pl.Series([], dtype=pl.String)
    assert judging.judge_field(Field(name="f", label="F", type="date"), nothing, Style()).values.is_empty()
