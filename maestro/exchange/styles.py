"""How a source writes numbers, dates, yes and no, and several choices in one cell. Guessed, and changed by the user."""

import re
from dataclasses import dataclass

from maestro.lib.errors import Refused
from maestro.warehouse.fields import NO, YES

DECIMALS = {".": "Point: 1,234.50", ",": "Comma: 1.234,50"}
DATES = {"ymd": "Year first: 2026-11-22", "dmy": "Day first: 22.11.2026", "mdy": "Month first: 11/22/2026"}
ANSWERS = (("ja", "nein"), ("oui", "non"), ("si", "no"), ("sí", "no"), ("da", "ne"), ("tak", "nie"), ("wahr", "falsch"))
SEVERAL = {",": "Comma", ";": "Semicolon", "|": "Vertical bar"}

_date = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_grouped = {".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"), ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")}


@dataclass(frozen=True)
class Style:
    """`dates` is the order of day, month and year; `yes` and `no` are words beside those that are always known."""

    decimal: str = "."
    dates: str = "ymd"
    several: str = ","
    yes: str = ""
    no: str = ""

    @classmethod
    def of(cls, options):
        style = cls(**{name: options[name] for name in cls.__dataclass_fields__ if name in options})
        for name, allowed in (("decimal", DECIMALS), ("dates", DATES), ("several", SEVERAL)):
            if getattr(style, name) not in allowed:
                raise Refused("Choose one of the offered ways of writing.", name)
        return style

    def plain(self, type, text):
        """`text` as `fields.parse` reads it."""
        return PLAIN.get(type, lambda style, text: text)(self, text)


def plain_number(style, text):
    text = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if _grouped[style.decimal].fullmatch(text):
        text = text.replace("." if style.decimal == "," else ",", "")
    return text.replace(",", ".") if style.decimal == "," else text


def plain_date(style, text):
    found = _date.fullmatch(text)
    if not found:
        return text
    order = "ymd" if len(found[1]) == 4 else style.dates
    part = dict(zip(order, found.groups(), strict=True))
    return f"{part['y']}-{part['m']:0>2}-{part['d']:0>2}" if len(part["y"]) == 4 else text


def plain_yesno(style, text):
    word = text.lower()
    if word in words(style.yes):
        return "yes"
    return "no" if word in words(style.no) else text


def words(text):
    return {word.strip().lower() for word in text.split(",") if word.strip()}


def plain_choices(style, text):
    return [choice.strip() for choice in text.split(style.several)]


PLAIN = {"number": plain_number, "date": plain_date, "yesno": plain_yesno, "choices": plain_choices}


def guess(samples):
    """A style from {field type: [texts]}."""
    yes, no = guess_words(samples.get("yesno", []))
    return Style(guess_decimal(samples.get("number", [])), guess_dates(samples.get("date", [])),
                 guess_several(samples.get("choices", [])), yes, no)


def guess_decimal(texts):
    def count(pattern, other):
        return sum(bool(re.fullmatch(pattern, text)) and not _grouped[other].fullmatch(text) for text in texts)
    return "," if count(r"[+-]?[\d.]*\d,\d+", ".") > count(r"[+-]?[\d,]*\d\.\d+", ",") else "."


def guess_dates(texts):
    """A number above 12 tells whether day or month comes first; without one, a slash means month first."""
    found = [match for text in texts if (match := _date.fullmatch(text)) and len(match[1]) <= 2]
    if not found:
        return "ymd"
    if any(int(match[1]) > 12 for match in found):
        return "dmy"
    month_first = any(int(match[2]) > 12 for match in found) or "/" in found[0][0]
    return "mdy" if month_first else "dmy"


def guess_several(texts):
    return max(SEVERAL, key=lambda sign: sum(sign in text for text in texts))


def guess_words(texts):
    """Two words that are not known and look like one answer each: the pairs of other languages."""
    unknown = {text.lower() for text in texts} - YES - NO
    for yes, no in ANSWERS:
        if unknown and unknown <= {yes, no}:
            return yes, "" if no in NO else no
    return "", ""
