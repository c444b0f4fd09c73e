"""The tree of a condition: what `conditions.parse` makes of a text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class And:
    parts: tuple


@dataclass(frozen=True)
class Or:
    parts: tuple


@dataclass(frozen=True)
class Not:
    part: object


@dataclass(frozen=True)
class Question:
    """One question to one field; `given` is what it is compared with."""

    name: str
    type: str
    word: str
    given: object = None
