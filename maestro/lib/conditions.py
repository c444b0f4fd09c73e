"""The one condition language: for blocks in content, target groups, segments and the steps of sequences.

A field is written `&FIELD`, `{{field}}` or by its bare name; names and words ignore case. Text stands in double or
single quotes (a quote inside is doubled); one word needs none. `and` binds closer than `or`.
"""

from collections import defaultdict
from difflib import get_close_matches

from sqlalchemy import and_, not_, or_

from maestro.lib import operators
from maestro.lib.literals import EXAMPLES, VALUES, ConditionError, tokens
from maestro.lib.operators import COMPARISONS
from maestro.lib.trees import And, Not, Or, Question

LENGTH = 10_000               # characters of a condition
DEPTH = 30                    # parentheses and nots inside each other
TOKENS = 600                  # words, signs and values: SQLite allows expressions 1,000 deep


def ready(tree):
    """The tree as a function of a person's values and today. A name that `values` lacks is empty."""
    match tree:
        case Question(name, type, word, given):
            ask = operators.asking(word, type, given)
            return lambda values, today: ask(values.get(name), today)
        case And(parts):
            asks = [ready(part) for part in parts]
            return lambda values, today: all(ask(values, today) for ask in asks)
        case Or(parts):
            asks = [ready(part) for part in parts]
            return lambda values, today: any(ask(values, today) for ask in asks)
        case Not(part):
            ask = ready(part)
            return lambda values, today: not ask(values, today)


def as_sql(tree, columns, today):
    """The same answer as an expression over `columns` (by name), true or false and never NULL."""
    match tree:
        case Question(name, type, word, given):
            return operators.expression(word, type, columns[name], given, today)
        case And(parts):
            return and_(*(as_sql(part, columns, today) for part in parts))
        case Or(parts):
            return or_(*(as_sql(part, columns, today) for part in together(parts)))
        case Not(part):
            return not_(as_sql(part, columns, today))


def together(parts):
    """The parts of an alternative, those that ask one field for this value or that as one question: one look-up."""
    values, rest = defaultdict(list), []
    for part in parts:
        if isinstance(part, Question) and part.word == "=" and part.type in operators.TEXTS:
            values[part.name, part.type].append(part.given)
        else:
            rest.append(part)
    return [*(Question(name, type, "in", tuple(given)) for (name, type), given in values.items()), *rest]


def names(tree):
    """The fields that the tree asks about."""
    match tree:
        case Question(name):
            return frozenset([name])
        case Not(part):
            return names(part)
        case And(parts) | Or(parts):
            return frozenset().union(*map(names, parts))


def parse(text, fields):
    """The tree of `text`; `fields` maps each name to its type. Raises ConditionError."""
    if len(text) > LENGTH:
        raise ConditionError(f"A condition may have at most {LENGTH:,} characters.", LENGTH)
    found = tokens(text)
    if len(found) > TOKENS:
        raise ConditionError(f"A condition may have at most {TOKENS} words, values and signs.", found[TOKENS].position)
    reader = _Reader(found, {name.lower(): (name, type) for name, type in fields.items()})
    tree = reader.alternatives(0)
    reader.expect("end", "Here the condition should go on with and or or, or end.")
    return tree


class _Reader:
    """Descends through the tokens: alternatives of conjunctions of tests."""

    def __init__(self, found, fields):
        self.tokens = found
        self.fields = fields
        self.at = 0

    @property
    def token(self):
        return self.tokens[self.at]

    def next(self):
        token = self.token
        self.at += 1
        return token

    def accept(self, *words):
        return self.next() if self.token.lower in words else None

    def expect(self, kind, sentence):
        if self.token.kind != kind and self.token.lower != kind:
            self.fail(sentence)
        return self.next()

    def fail(self, sentence, token=None):
        raise ConditionError(sentence, (token or self.token).position)

    def alternatives(self, depth):
        return self.series("or", Or, lambda: self.series("and", And, lambda: self.part(depth)))

    def series(self, word, kind, read):
        parts = [read()]
        while self.accept(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else kind(tuple(parts))

    def part(self, depth):
        if depth > DEPTH:
            self.fail(f"Conditions can be nested at most {DEPTH} deep.")
        if self.accept("not"):
            return Not(self.part(depth + 1))
        if self.accept("("):
            inner = self.alternatives(depth + 1)
            self.expect(")", "A closing parenthesis is missing here.")
            return inner
        return self.test()

    def test(self):
        first = self.accept(*(operators.LEADING - self.fields.keys()))         # birthdaytoday &BIRTHDAY
        name, type = self.field()
        token = first or self.token
        asked = operators.find(token.lower, type)
        if not asked and type == "yesno" and token.lower in ("", "and", "or", ")"):
            return Question(name, type, "=", True)
        if not asked:
            self.fail(self.wrong_word(name, type, token), token)
        self.at += not first
        return Question(name, type, token.lower, self.given(asked.takes, name, type))

    def field(self):
        token = self.next()
        if token.kind not in ("field", "word"):
            self.fail("A field is missing here, such as &CITY.", token)
        if token.text.lower() not in self.fields:
            close = get_close_matches(token.text.lower(), self.fields, 1)
            meant = f" Did you mean {self.fields[close[0]][0]}?" if close else ""
            self.fail(f"There is no field {token.text}.{meant}", token)
        return self.fields[token.text.lower()]

    def wrong_word(self, name, type, token):
        fitting = ", ".join(word for word in operators.OPERATORS if operators.find(word, type))
        if token.lower in operators.OPERATORS:
            return f"{token.lower} does not work with {name}, which is of type {type}. Use one of: {fitting}."
        return f"After {name} a comparison is missing. Use one of: {fitting}."

    def given(self, takes, name, type):
        if takes == "value":
            return self.value(name, type)
        if takes == "values":
            return self.values(name, type)
        return self.days() if takes == "days" else None

    def values(self, name, type):
        self.expect("(", f'Write the values in parentheses: {name} in ("a", "b").')
        values = [self.value(name, type)]
        while self.accept(","):
            values.append(self.value(name, type))
        self.expect(")", "A comma or a closing parenthesis is missing here.")
        return tuple(values)

    def days(self):
        sign = self.accept(*COMPARISONS)
        token = self.next()
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 5:
            self.fail("A whole number of days is missing here, such as daysago 7 or daysago <= 7.", token)
        return (sign.text if sign else "=", int(token.text))

    def value(self, name, type):
        token = self.next()
        if token.kind == "field" or token.kind == "word" and token.lower in self.fields:
            self.fail(f"A field can be compared with a value only. If {token.text} is text, put it in quotes.", token)
        value = VALUES[type](token)
        if value is None:
            self.fail(f"{name} is of type {type}: compare it with {EXAMPLES[type]}.", token)
        return value
