"""Columns of text judged all at once: plain values by polars, the others one by one where the rule is at home."""

from typing import NamedTuple

import polars as pl

from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.warehouse import fields, rules

TYPES = {"number": pl.Float64, "date": pl.Date, "yesno": pl.Boolean}          # every other type: text
NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Judged(NamedTuple):
    """`values` are typed and null where there is no value or a bad one; `reasons` says why: {text: sentence}."""

    values: pl.Series
    reasons: dict


def judge_field(field, texts, style):
    """The values of a field from a column of text without blanks at its ends; null where there is none."""
    def parse(text):
        value = fields.read(field, style.plain(field.type, text))
        if field.consent and value is False:
            raise Refused(f"{field.label}: nobody is put in without consent.")
        return value
    judged = settle(texts, QUICK.get(field.type, quick_nothing)(texts), parse, TYPES.get(field.type, pl.String))
    return obeying(field, texts, judged) if field.rules else judged


def obeying(field, texts, judged):
    """The same without values that break a rule of the field."""
    values, reasons = judged
    for mask, sentence in rules.breaches(field, values):
        reasons = dict.fromkeys(texts.filter(mask), sentence) | reasons
        values = when(~mask, values)
    return Judged(values, reasons)


def judge_addresses(texts):
    """The addresses as they are written on envelopes, and the keys that tell people apart: (Judged, Series)."""
    plain = texts.str.contains(addresses.FAST)
    judged = settle(texts, when(plain, texts), lambda text: addresses.judge(text).given, pl.String)
    return judged, judged.values.str.to_lowercase()


def when(condition, values):
    """The values where the condition holds, null elsewhere."""
    return pl.select(pl.when(condition).then(values).otherwise(None)).to_series()


def settle(texts, quick, parse, type):
    """Complete `quick`, the values found at once, by parsing each other text a single time."""
    quick = quick.cast(type)
    unsettled = texts.filter(quick.is_null() & texts.is_not_null()).unique()
    if unsettled.is_empty():
        return Judged(quick, {})
    parsed, reasons = {}, {}
    for text in unsettled:
        try:
            parsed[text] = parse(text)
        except Refused as refusal:
            reasons[text] = refusal.sentence
    if not parsed:
        return Judged(quick, reasons)
    slow = texts.replace_strict(list(parsed), list(parsed.values()), default=None, return_dtype=type)
    return Judged(quick.fill_null(slow), reasons)


def quick_text(texts):
    return when(~texts.str.contains("\0", literal=True), texts)


def quick_number(texts):
    return when(texts.str.contains(NUMBER), texts).cast(pl.Float64)


def quick_date(texts):
    found = when(texts.str.contains(DATE), texts).str.to_date("%Y-%m-%d", strict=False)
    return when(found.dt.year() > 0, found)        # a year 0 is no date to databases, nor to Python


def quick_nothing(texts):
    """Few different values: each is parsed once."""
    return pl.repeat(None, len(texts), dtype=pl.Boolean, eager=True)


QUICK = {"text": quick_text, "number": quick_number, "date": quick_date}
