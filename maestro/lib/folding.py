"""The forms in which SQL compares texts without regard to case, by the lower-case form of Unicode; the quick ones too.

The full form is slow: on SQLite it is Python's, on PostgreSQL ICU's. Where what is asked for is ASCII, both databases
have quicker forms that give the same answer, as only two letters outside of ASCII have lower-case forms in it.
"""

from itertools import product

from sqlalchemy import String, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

BECOME = {"\u212a": "k", "\u0130": "i\u0307"}       # what is not ASCII, but has a lower-case form with a letter of it
KELVINS = 3                                        # k in a text, at most, of which each may have been a Kelvin sign


class folded(FunctionElement):
    """The lower-case form in which text is compared; an index on this expression serves conditions.

    SQLite: `lower` must be registered as `str.lower` (its own knows ASCII only).
    """

    type = String()
    inherit_cache = True
    name = "folded"


@compiles(folded)
def _folded(element, compiler, **kw):
    return f"lower({compiler.process(element.clauses, **kw)})"


@compiles(folded, "postgresql")
def _folded_postgresql(element, compiler, **kw):
    """ICU's root locale has the same full case mapping as Python, whatever the database's own locale is."""
    return f'(lower(({compiler.process(element.clauses, **kw)}) COLLATE "und-x-icu") COLLATE "C")'


class raised(FunctionElement):
    """The upper-case form, by the same rules."""

    type = String()
    inherit_cache = True
    name = "raised"


@compiles(raised)
def _raised(element, compiler, **kw):
    return f"upper({compiler.process(element.clauses, **kw)})"


@compiles(raised, "postgresql")
def _raised_postgresql(element, compiler, **kw):
    return f'(upper(({compiler.process(element.clauses, **kw)}) COLLATE "und-x-icu") COLLATE "C")'


class plain(FunctionElement):
    """The lower-case form of ASCII letters alone: many times as quick, and the same where it is equal to plain text.

    SQLite: an index of that collation serves it; its LIKE compares so by itself.
    """

    type = String()
    inherit_cache = True
    name = "plain"


@compiles(plain)
def _plain(element, compiler, **kw):
    return f"({compiler.process(element.clauses, **kw)} COLLATE NOCASE)"


@compiles(plain, "postgresql")
def _plain_postgresql(element, compiler, **kw):
    return f'lower({compiler.process(element.clauses, **kw)} COLLATE "C")'


class looked_in(FunctionElement):
    """What plain lower-case text is looked for in: SQLite's LIKE compares ASCII letters without regard to case."""

    type = String()
    inherit_cache = True
    name = "looked_in"


@compiles(looked_in)
def _looked_in(element, compiler, **kw):
    return compiler.process(element.clauses, **kw)


compiles(looked_in, "postgresql")(_plain_postgresql)


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


def spellings(given):
    """The texts whose lower-case form is `given`, but for capitals of ASCII; None when they are too many to list."""
    if not given.isascii() or given.count("k") > KELVINS:
        return None
    return ["".join(letters) for letters in product(*("k\u212a" if letter == "k" else letter for letter in given))]
