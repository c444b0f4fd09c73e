"""Columns judged at once come out as if each value had been judged alone."""

import json
from pathlib import Path

import polars as pl
import pytest

from maestro.exchange import judging
from maestro.exchange.styles import Style
from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.models import Field
from maestro.warehouse import fields

NAUGHTY = json.loads((Path(__file__).parents[3] / "shared/corpora/naughty-strings/blns.json").read_text())
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
    texts = [text for text in VALUES + NAUGHTY if len(text) <= 10_000]
    found = judging.judge_field(field, pl.Series(texts, dtype=pl.String), style)
    for text, value in zip(texts, found.values, strict=True):
        plain = text.strip()
        expected = alone(lambda text: fields.parse(field, style.plain(type, text)) if text else None, plain)
        assert found.reasons.get(plain, value) == expected, text


def test_addresses_are_judged_by_the_one_rule():
    texts = ["ann@example.org", " Ann@Example.ORG ", "ann@", "müller@example.org", "ann@müller.example",
             "a b@example.org", "o'brien+tag@sub.example.org", "", "=1+1@example.org", "x" * 65 + "@example.org",
             *NAUGHTY]
    judged, keys = judging.judge_addresses(pl.Series(texts, dtype=pl.String))
    for text, given, key in zip(texts, judged.values, keys, strict=True):
        if text.strip():
            found = judged.reasons.get(text.strip(), (given, key))
            assert found == alone(lambda text: addresses.judge(text)[:2], text.strip())


def test_an_empty_column_is_no_problem():
    nothing = pl.Series([], dtype=pl.String)
    assert judging.judge_field(Field(name="f", label="F", type="date"), nothing, Style()).values.is_empty()
