"""Formulas of derived fields: read once, and handed to the database as the expression of a generated column.

Whole numbers, text, yes or no, and dates. A field is written `&NAME;`, `{{name}}` or by its name; text stands in double
quotes, a quote inside is doubled. `+` joins as soon as one side is text. Division drops the fraction. What cannot be
worked out (a division by zero, a number beyond 2^53) is empty; no value makes a formula fail.
"""

import re
from typing import NamedTuple

from sqlalchemy import Double, String, and_, case, cast, func, literal, not_, or_
from sqlalchemy.sql.elements import ColumnElement

from maestro.warehouse.functions import (
    COMPARISONS,
    FUNCTIONS,
    PRODUCTS,
    FormulaError,
    Value,
    compare,
    field_value,
    number,
    plus,
    truth,
    whole,
)

LENGTH, TOKENS, DEPTH = 2000, 300, 20              # characters, words and signs, parts inside each other
GREATEST = 2**53                                   # as for values that are typed in
TYPES = {"text": "text", "choice": "text", "choices": "text", "number": "number", "date": "date", "yesno": "yesno"}
TOKEN = re.compile(r"""\s*(?:
    (?P<text>"(?:[^"]|"")*") | (?P<number>[0-9]{1,15}(?![\w.])) | (?:&|\{\{)?\s*(?P<word>[^\W\d]\w*)\s*(?:;|\}\})?
  | (?P<sign><>|<=|>=|[-+*/%=<>(),]) | (?P<end>\Z))""", re.VERBOSE)


class Formula(NamedTuple):
    """What a formula gives (a field type), its expression, and the fields it uses."""

    type: str
    sql: ColumnElement
    names: frozenset


def read(text, fields, people):
    """The formula in `text` over `people`, a table; `fields` maps the names that may be used to their types."""
    if len(text) > LENGTH:
        raise FormulaError(f"A formula has at most {LENGTH:,} characters.")
    reader = Reader(tokens(text), {name.lower(): (name, TYPES[type]) for name, type in fields.items()}, people)
    value = reader.either(0)
    reader.expect("end", "Here the formula should go on with a sign such as +, or end.")
    return Formula(value.type, finished(value), frozenset(reader.names))


def finished(value):
    """The expression as a column holds it: empty text is no value, and numbers stay countable."""
    if value.type == "text":
        return func.nullif(value.sql, literal(""))
    if value.type == "number":
        return cast(case((value.sql.between(-GREATEST, GREATEST), value.sql)), Double)
    return value.sql


def tokens(text):
    found, at = [], 0
    while not found or found[-1][0] != "end":
        match = TOKEN.match(text, at)
        if not match:
            raise FormulaError(f"“{text[at:].strip()[:10]}” cannot be read here. Put text in double quotes.")
        if len(found) > TOKENS:
            raise FormulaError(f"A formula has at most {TOKENS} words and signs.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def names(text):
    """The words in a formula, in lower case: every field that it uses is among them."""
    return {word.lower() for kind, word in tokens(text) if kind == "word"}


class Reader:
    """Descends through the tokens: or, and, not, comparison, sum, product, sign, value."""

    def __init__(self, found, fields, people):
        self.tokens, self.fields, self.people = found, fields, people
        self.at, self.names = 0, set()

    @property
    def token(self):
        return self.tokens[self.at]

    def accept(self, *words):
        kind, text = self.token
        if kind in ("word", "sign") and text.lower() in words:
            self.at += 1
            return text.lower()
        return None

    def expect(self, wanted, sentence):
        kind, text = self.token
        if wanted not in (kind, text):
            raise FormulaError(sentence)
        self.at += 1
        return text

    def either(self, depth):
        return self.series("or", or_, lambda: self.series("and", and_, lambda: self.negated(depth)))

    def series(self, word, join, part):
        value = part()
        while self.accept(word):
            value = Value("yesno", join(truth(value, word), truth(part(), word)))
        return value

    def negated(self, depth):
        if depth > DEPTH:
            raise FormulaError(f"Formulas can be nested at most {DEPTH} deep.")
        if self.accept("not"):
            return Value("yesno", not_(truth(self.negated(depth + 1), "not")))
        return self.comparison(depth)

    def comparison(self, depth):
        left = self.sum(depth)
        sign = self.accept(*COMPARISONS)
        return compare(sign, left, self.sum(depth)) if sign else left

    def sum(self, depth):
        value = self.product(depth)
        while sign := self.accept("+", "-"):
            value = plus(sign, value, self.product(depth))
        return value

    def product(self, depth):
        value = self.signed(depth)
        while sign := self.accept("*", "/", "%"):
            value = Value("number", PRODUCTS[sign](number(value, sign), number(self.signed(depth), sign)))
        return value

    def signed(self, depth):
        if depth > DEPTH:
            raise FormulaError(f"Formulas can be nested at most {DEPTH} deep.")
        if self.accept("-"):
            return Value("number", -number(self.signed(depth + 1), "-"))
        return self.value(depth)

    def value(self, depth):
        if self.accept("("):
            inner = self.either(depth + 1)
            self.expect(")", "A closing parenthesis is missing.")
            return inner
        kind, text = self.token
        self.at += kind != "end"
        if kind == "number":
            return Value("number", whole(int(text)))
        if kind == "text":
            return Value("text", literal(text[1:-1].replace('""', '"').replace("\0", ""), String))
        if kind == "word":
            return self.call(text, depth) if self.accept("(") else self.field(text)
        raise FormulaError("A field, a number or a text in double quotes is missing.")

    def field(self, name):
        if name.lower() not in self.fields:
            raise FormulaError(f"There is no field “{name}” that can be used here.")
        name, type = self.fields[name.lower()]
        self.names.add(name)
        return field_value(type, self.people.c[name])

    def call(self, name, depth):
        given = []
        while not self.accept(")"):
            given.append(self.either(depth + 1))
            if not self.accept(","):
                self.expect(")", f"A comma or a closing parenthesis is missing after {name}(.")
                break
        if name.lower() not in FUNCTIONS:
            raise FormulaError(f"There is no function {name}. There are {', '.join(FUNCTIONS)}.")
        known, least, most = FUNCTIONS[name.lower()]
        if not least <= len(given) <= most:
            raise FormulaError(f"{name} takes {least}{'' if least == most else ' or more'} values.")
        return known(*given)
