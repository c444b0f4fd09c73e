"""The forms in which SQL compares texts without regard to case, by the lower-case form of Unicode; the quick ones too.

The full form is slow: on SQLite it is Python's, on PostgreSQL ICU's. Where what is asked for is ASCII, both databases
have quicker forms that give the same answer, as only two letters outside of ASCII have lower-case forms in it.
"""

from functools import partial
from itertools import product

from sqlalchemy import Boolean, String, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

BECOME = {"\u212a": "k", "\u0130": "i\u0307"}       # what is not ASCII, but has a lower-case form with a letter of it
KELVINS = 3                                        # k in a text, at most, of which each may have been a Kelvin sign


def form(name, usual, postgresql):
    """A form of one column: how SQL writes it, and how PostgreSQL does, with {} for the column."""
    made = type(name, (FunctionElement,), {"type": String(), "inherit_cache": True, "name": name})
    for template, dialects in ((usual, ()), (postgresql, ("postgresql",))):
        compiles(made, *dialects)(partial(write, template))
    return made


def write(template, element, compiler, **options):
    return template.format(compiler.process(element.clauses, **options))


# ICU's root locale maps letters as Python does, whatever the database's own locale is. SQLite: `lower` and `upper`
# must be registered as Python's, its own know ASCII only. An index on `folded` serves conditions.
folded = form("folded", "lower({})", '(lower(({}) COLLATE "und-x-icu") COLLATE "C")')
raised = form("raised", "upper({})", '(upper(({}) COLLATE "und-x-icu") COLLATE "C")')
# ASCII letters alone, many times as quick: for what is equal to plain text, and for what it is looked for in, where
# SQLite's LIKE needs no form. On SQLite an index of that collation serves the first.
plain = form("plain", "({} COLLATE NOCASE)", 'lower({} COLLATE "C")')
looked_in = form("looked_in", "{}", 'lower({} COLLATE "C")')


def searched(column, given):
    """The form of a column in which `given` (lower case) is looked for: where that is the same, not the full one."""
    if not given.isascii():
        return folded(column)
    for sign, becomes in BECOME.items():
        if becomes[0] in given:
            column = func.replace(column, sign, becomes)
    return looked_in(column)


class indexed(FunctionElement):
    """Of two forms of a column the first where an index knows it, on PostgreSQL; else the second."""

    type = String()
    inherit_cache = True
    name = "indexed"


@compiles(indexed)
def _indexed(element, compiler, **kw):
    return compiler.process(list(element.clauses)[1], **kw)


@compiles(indexed, "postgresql")
def _indexed_postgresql(element, compiler, **kw):
    return compiler.process(list(element.clauses)[0], **kw)


class narrowed(FunctionElement):
    """A test, made on PostgreSQL only where a quicker one is passed, as it is wherever the first would be.

    The planner, which would take two tests for two reasons to expect nobody, thinks nothing of a CASE.
    """

    type = Boolean()
    inherit_cache = True
    name = "narrowed"

    def self_group(self, against=None):
        """As it is: SQLAlchemy would write `= 1` behind it for SQLite, which then uses no index."""
        return self


@compiles(narrowed)
def _narrowed(element, compiler, **kw):
    return f"({compiler.process(list(element.clauses)[0], **kw)})"


@compiles(narrowed, "postgresql")
def _narrowed_postgresql(element, compiler, **kw):
    test, quicker = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CASE WHEN {quicker} THEN {test} ELSE false END)"


def spellings(given):
    """The texts whose lower-case form is `given`, but for capitals of ASCII; None when they are too many to list."""
    if not given.isascii() or given.count("k") > KELVINS:
        return None
    return ["".join(letters) for letters in product(*("k\u212a" if letter == "k" else letter for letter in given))]
