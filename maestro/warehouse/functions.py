"""What formulas are made of, each as an expression that the database can keep a column by.

Every part is immutable in PostgreSQL's sense and deterministic in SQLite's, and fails for no value.
"""

import operator
from typing import NamedTuple

from sqlalchemy import BigInteger, Integer, Numeric, String, case, cast, extract, func, literal, literal_column, or_
from sqlalchemy.sql.elements import ColumnElement

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.folding import folded, raised

MANY = 20                                          # values of a function that takes any number
WORDS = {"text": "text", "number": "a number", "yesno": "yes or no", "date": "a date"}


class FormulaError(Refused):
    """The formula cannot be read."""

    def __init__(self, sentence):
        super().__init__(sentence, "formula")


class Value(NamedTuple):
    """An expression and its type: text, number, yesno or date. Text is never NULL, the others may be."""

    type: str
    sql: ColumnElement


def is_postgresql():
    return db.engine.dialect.name == "postgresql"


def whole_type():
    """The type in which whole numbers are worked with: one that does not overflow with an error."""
    return Numeric() if is_postgresql() else BigInteger()


def whole(number):
    """A whole number of the formula itself."""
    return literal_column(f"{number}::numeric" if is_postgresql() else str(number), whole_type())


def field_value(type, column):
    """A field's value; of numbers the fraction is dropped."""
    if type == "number":
        kept = func.trunc(cast(column, Numeric())) if is_postgresql() else cast(column, BigInteger)
        return Value(type, kept)
    return Value(type, func.coalesce(column, literal("")) if type == "text" else column)


def wanted(value, type, by):
    if value.type != type:
        raise FormulaError(f"{by} takes {WORDS[type]}, not {WORDS[value.type]}.")
    return value.sql


def number(value, by):
    return wanted(value, "number", by)


def truth(value, by):
    """Yes or no; not known is no."""
    return func.coalesce(wanted(value, "yesno", by), literal_column("false"))


def text(value, by):
    """Text; a number turns into its digits."""
    if value.type == "number":
        return func.coalesce(cast(value.sql, String), literal(""))
    return wanted(value, "text", by)


def plus(sign, left, right):
    """Sum and difference; with text on one side the two are joined."""
    if sign == "+" and "text" in (left.type, right.type):
        return Value("text", text(left, "+").concat(text(right, "+")))
    how = operator.add if sign == "+" else operator.sub
    return Value("number", how(number(left, sign), number(right, sign)))


def divide(left, right):
    divisor = func.nullif(right, whole(0))
    return func.div(left, divisor) if is_postgresql() else left.op("/")(divisor)


def remainder(left, right):
    divisor = func.nullif(right, whole(0))
    return func.mod(left, divisor) if is_postgresql() else left - left.op("/")(divisor).self_group() * divisor


PRODUCTS = {"*": operator.mul, "/": divide, "%": remainder}
COMPARISONS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
               ">=": operator.ge}


def compare(sign, left, right):
    """A comparison of two of one type; what is empty equals nothing. Text is compared without regard to case."""
    if left.type != right.type:
        raise FormulaError(f"{WORDS[left.type]} cannot be compared with {WORDS[right.type]}.".capitalize())
    sides = (folded(left.sql), folded(right.sql)) if left.type == "text" else (left.sql, right.sql)
    return Value("yesno", func.coalesce(COMPARISONS[sign](*sides), literal_column("false")))


def choose(condition, then, otherwise):
    if then.type != otherwise.type:
        raise FormulaError(f"If gives {WORDS[then.type]} or {WORDS[otherwise.type]}. Both have to be the same.")
    return Value(then.type, case((truth(condition, "If"), then.sql), else_=otherwise.sql))


def extreme(sign, name):
    def found(*values):
        best = number(values[0], name)
        for value in values[1:]:
            other = number(value, name)
            best = case((COMPARISONS[sign](best, other), best), (best.is_(None), other), (other.is_(None), best),
                        else_=other)
        return Value("number", best)
    return found


def absolute(value):
    plain = number(value, "Abs")
    return Value("number", case((plain < whole(0), whole(0) - plain), else_=plain))


def part(unit):
    def found(value):
        return Value("number", cast(extract(unit, wanted(value, "date", unit.capitalize())), whole_type()))
    return found


def is_empty(value):
    return Value("yesno", value.sql == "" if value.type == "text" else value.sql.is_(None))


def worded(name, change):
    def found(value):
        return Value("text", change(text(value, name)))
    return found


def place(value, by):
    """A count or place in a text, from 0 to 10,000; nothing else can be asked of the database."""
    plain = func.coalesce(number(value, by), whole(0))
    bound = case((plain < whole(0), whole(0)), (plain > whole(10_000), whole(10_000)), else_=plain)
    return cast(bound, Integer)


def left(value, count):
    return Value("text", func.substr(text(value, "Left"), 1, place(count, "Left")))


def right(value, count):
    plain, size = text(value, "Right"), place(count, "Right")
    first = func.length(plain) - size + 1
    return Value("text", func.substr(plain, case((first < 1, 1), else_=first), size))


def middle(value, start, count):
    first = place(start, "Mid")
    return Value("text", func.substr(text(value, "Mid"), case((first < 1, 1), else_=first), place(count, "Mid")))


def replace(value, old, new):
    return Value("text", func.replace(*(text(part, "Replace") for part in (value, old, new))))


def length(value):
    return Value("number", cast(func.length(text(value, "Length")), whole_type()))


def contains(value, needle):
    found = folded(text(value, "Contains")), folded(text(needle, "Contains"))
    inside = func.strpos(*found) if is_postgresql() else func.instr(*found)
    return Value("yesno", or_(inside > 0))


FUNCTIONS = {                                      # name: what it does, and how many values it takes
    "if": (choose, 3, 3), "isempty": (is_empty, 1, 1), "max": (extreme(">=", "Max"), 1, MANY),
    "min": (extreme("<=", "Min"), 1, MANY), "abs": (absolute, 1, 1), "length": (length, 1, 1),
    "upper": (worded("Upper", raised), 1, 1), "lower": (worded("Lower", folded), 1, 1),
    "trim": (worded("Trim", func.trim), 1, 1), "left": (left, 2, 2), "right": (right, 2, 2), "mid": (middle, 3, 3),
    "replace": (replace, 3, 3), "contains": (contains, 2, 2), "year": (part("year"), 1, 1),
    "month": (part("month"), 1, 1), "day": (part("day"), 1, 1),
}
