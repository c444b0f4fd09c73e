"""The words of the condition language, each with its two readings: True or False here, an expression in SQL.

Both readings agree on every row. Empty (NULL, or text without a character) equals nothing and is neither less nor
more than anything; SQL's third truth value is kept out, so that "not" means the same on both sides. Text is compared
without regard to case, by the lower-case form of Unicode.
"""

import operator
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from sqlalchemy import and_, extract, false, func, not_, or_, true

from maestro.lib.folding import folded, indexed, narrowed, plain, searched, spellings

TEXTS = ("text", "choice")
WORDS = ("text", "choice", "choices")


class Operator(NamedTuple):
    """`holds(value, given, today)` for a value that is there; `sql(column, given, today)` where it is not NULL."""

    types: tuple
    takes: str                    # nothing, value, values, days
    holds: Callable
    sql: Callable
    empty: bool = False           # the answer for an empty field


def compare(how):
    return (lambda value, given, today: how(value, given)), (lambda column, given, today: how(column, given))


def within(first_and_last):
    """Dates from the first to the last day that `first_and_last(today)` names."""
    def holds(value, given, today):
        first, last = first_and_last(today)
        return first <= value <= last

    return holds, lambda column, given, today: column.between(*first_and_last(today))


def week(today):
    monday = today - timedelta(days=today.weekday())
    return monday, monday + timedelta(days=6)


def month(today):
    first = today.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def birthdays(today):
    """The (month, day) pairs celebrated today: who was born on a leap day celebrates on 28 February otherwise."""
    tomorrow = today + timedelta(days=1)
    leap = (today.month, today.day) == (2, 28) and tomorrow.month == 3
    return [(today.month, today.day)] + [(2, 29)] * leap


def has_birthday(column, given, today):
    return or_(*(and_(extract("month", column) == month, extract("day", column) == day)
                 for month, day in birthdays(today)))


def days(sign):
    """`daysago <= 7`: the date lies 0 to 7 days back. Turned into a comparison of dates, so that an index serves."""
    flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="} if sign < 0 else {}

    def reach(value, given, today):
        how, number = given
        there = today + timedelta(days=sign * number)
        right_side = value <= today if sign < 0 else value >= today
        return COMPARISONS[flipped.get(how, how)](value, there), right_side

    return (lambda value, given, today: all(reach(value, given, today)),
            lambda column, given, today: and_(*reach(column, given, today)))


def among(column, given):
    """Numbers as floats: SQLAlchemy takes the first one's type for all, and a 1 would make a 0 of 0.1."""
    return column.in_([float(one) if isinstance(one, int) else one for one in given])


def chosen(column, given):
    """One of several choices, which are stored as "a,b"."""
    return ("," + column + ",").contains(f",{given},", autoescape=True)


COMPARISONS = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}
ALL = ("text", "number", "date", "yesno", "choice", "choices")
ORDERED = ("text", "choice", "number", "date")
DATE = ("date",)

OPERATORS = {
    "=": Operator(ALL, "value", *compare(operator.eq)),
    "<>": Operator(ALL, "value", *compare(operator.ne))._replace(empty=True),
    **{word: Operator(ORDERED, "value", *compare(COMPARISONS[word])) for word in ("<", "<=", ">", ">=")},
    "contains": Operator(TEXTS, "value", lambda value, given, today: given in value,
                         lambda column, given, today: column.contains(given, autoescape=True)),
    "startswith": Operator(TEXTS, "value", lambda value, given, today: value.startswith(given),
                           lambda column, given, today: column.startswith(given, autoescape=True)),
    "endswith": Operator(TEXTS, "value", lambda value, given, today: value.endswith(given),
                         lambda column, given, today: column.endswith(given, autoescape=True)),
    "in": Operator(ORDERED, "values", lambda value, given, today: value in given,
                   lambda column, given, today: among(column, given)),
    "isempty": Operator(ALL, "nothing", lambda value, given, today: False, lambda column, given, today: false(),
                        empty=True),
    "istoday": Operator(DATE, "nothing", *within(lambda today: (today, today))),
    "isthisweek": Operator(DATE, "nothing", *within(week)),
    "isthismonth": Operator(DATE, "nothing", *within(month)),
    "daysago": Operator(DATE, "days", *days(-1)),
    "daysahead": Operator(DATE, "days", *days(+1)),
    "birthdaytoday": Operator(DATE, "nothing",
                              lambda value, given, today: (value.month, value.day) in birthdays(today), has_birthday),
    "birthdaythismonth": Operator(DATE, "nothing", lambda value, given, today: value.month == today.month,
                                  lambda column, given, today: extract("month", column) == today.month),
}
SURE = ("=", "<>", "in", "contains", "startswith", "endswith")        # of a text that is not there, without a look
LEADING = frozenset(word for word, asked in OPERATORS.items() if asked.takes == "nothing")

CHOICES = OPERATORS | {
    "contains": Operator(("choices",), "value", lambda value, given, today: given in value.split(","),
                         lambda column, given, today: chosen(column, given)),
    "in": Operator(("choices",), "values", lambda value, given, today: not set(value.split(",")).isdisjoint(given),
                   lambda column, given, today: or_(*(chosen(column, one) for one in given))),
}


def find(word, type):
    """The operator `word` for a field of `type`, or None."""
    found = (CHOICES if type == "choices" else OPERATORS).get(word)
    return found if found and type in found.types else None


def asking(word, type, given):
    """The test as a function of a value (None: empty) and today."""
    asked = find(word, type)
    if type not in WORDS:
        return lambda value, today: asked.empty if value is None else asked.holds(value, given, today)
    given = lower(given)
    return lambda value, today: asked.holds(value.lower(), given, today) if value else asked.empty


def expression(word, type, column, given, today):
    """The same test of a column, never NULL."""
    asked = find(word, type)
    test = text_test(word, type, column, lower(given), today) if type in WORDS else asked.sql(column, given, today)
    unclear = type in WORDS and not (word in SURE and given and all(given))      # how "" would pass the test
    if asked.empty:
        return or_(column.is_(None), *[column == ""] * unclear, test)
    return and_(column.is_not(None), *[column != ""] * unclear, test)


def text_test(word, type, column, given, today):
    """The test of a text that is there, in the quickest form that gives the same answer."""
    if type in TEXTS and word in ("=", "<>", "in"):
        written = [spellings(one) for one in (given if word == "in" else [given])]
        if None not in written:
            texts = [*chain(*written)]
            lengths = sorted({len(text.encode()) for text in texts})
            found = narrowed(plain(column).in_(texts), func.octet_length(column).in_(lengths))
            return not_(found) if word == "<>" else found
    if type in TEXTS and word in ("contains", "startswith", "endswith"):
        quick, asked = searched(column, given), find(word, type).sql
        return and_(narrowed(true(), asked(quick, given, today)),
                    asked(indexed(folded(column), quick), given, today))
    return find(word, type).sql(folded(column), given, today)


def lower(given):
    if isinstance(given, tuple):
        return tuple(one.lower() for one in given)
    return given and given.lower()
