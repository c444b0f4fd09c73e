"""What a condition is written with: its signs, words, quoted texts, and the values that fit each type of field."""

import re
from datetime import date
from typing import NamedTuple

from maestro.lib.errors import Refused

_token = re.compile(r"""\s*(?:
    &(?P<field>[^\W\d]\w*);? | \{\{\s*(?P<braced>[^\W\d]\w*)\s*\}\}
  | "(?P<double>(?:[^"]|"")*)" | '(?P<single>(?:[^']|'')*)'
  | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?![\w-]) | (?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![\w.])
  | (?P<sign><>|<=|>=|[=<>(),]) | (?P<word>[^\W\d]\w*)
)""", re.VERBOSE)
QUOTES = {"double": '"', "single": "'"}
KINDS = {"double": "text", "single": "text", "braced": "field"}
_yes, _no = {"yes", "true", "t"}, {"no", "false", "f"}


class ConditionError(Refused):
    """The condition cannot be read; `position` counts characters from 1."""

    def __init__(self, sentence, position):
        super().__init__(sentence, "condition")
        self.position = position


class Token(NamedTuple):
    kind: str
    text: str
    position: int

    @property
    def lower(self):
        return self.text.lower() if self.kind in ("word", "sign") else ""


def tokens(text):
    found, position = [], 0
    while text[position:].strip():
        match = _token.match(text, position)
        start = position + len(text[position:]) - len(text[position:].lstrip()) + 1
        if not match:
            raise ConditionError(f"{text[start - 1:start + 9]!r} cannot be read here. Put text in quotes, write "
                                 "dates as 2026-11-22, and compare with =, <>, <, <=, > or >=.", start)
        kind = match.lastgroup
        quote = QUOTES.get(kind, "\0")
        found.append(Token(KINDS.get(kind, kind), match[kind].replace(quote * 2, quote), start))
        position = match.end()
    return [*found, Token("end", "", len(text) + 1)]


def _text(token):
    """Text as it stands; a date or a number is text too where a text field asks."""
    if token.kind in ("text", "word", "number", "date") and 0 < len(token.text) <= 1000:
        return token.text.replace("\x00", "").encode("utf-8", "ignore").decode()
    return None


def _choice(token):
    text = _text(token)
    return text if text and "," not in text else None


def _number(token):
    if token.kind != "number" or len(token.text) > 16:
        return None
    return float(token.text) if "." in token.text else int(token.text)


def _date(token):
    try:
        return date.fromisoformat(token.text) if token.kind in ("date", "text") else None
    except ValueError:
        return None


def _yesno(token):
    word = token.text.lower() if token.kind in ("word", "text") else ""
    return True if word in _yes else False if word in _no else None


VALUES = {"text": _text, "choice": _text, "choices": _choice, "number": _number, "date": _date, "yesno": _yesno}
EXAMPLES = {
    "text": 'text such as "Berlin", or ask isempty', "choice": 'one of its choices, such as "red", or ask isempty',
    "choices": 'one choice at a time, such as "red", or ask isempty', "number": "a number such as 12.5",
    "date": "a date such as 2026-11-22", "yesno": "yes or no",
}
