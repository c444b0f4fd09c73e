"""Reading ahead changes when things are made, and nothing else."""

import threading

import pytest

from maestro.exchange.prefetch import ahead
from tests.parts.waiting import until


def test_everything_comes_in_order():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter(()))) == []


def test_a_problem_comes_where_it_happened():
    def items():
        yield 1
        raise ValueError("no more")
    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="no more"):
        next(found)


class Panic(BaseException):
    """What a library raises that is written in another language: no Exception."""


def test_a_panic_in_one_of_two_threads_ends_both():
    def items():
        yield 1
        raise Panic

    def judge(item):
        raise Panic
    for found in (ahead(map(str, ahead(items()))), ahead(map(judge, ahead(iter(range(9)))))):
        assert isinstance(end_of(found), RuntimeError)


def end_of(found):
    """What ends an iterator within ten seconds; None when it goes on for ever, or comes to its own end."""
    told = []

    def go():
        try:
            list(found)
        except Exception as problem:
            told.append(problem)
    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    thread.join(10)
    return told[0] if told else None


def test_at_most_two_items_are_made_ahead():
    made = []
    found = ahead(made.append(number) or number for number in range(100))
    assert next(found) == 0
    until(lambda: len(made) >= 2)
    assert len(made) <= 4
    found.close()


def test_who_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    found = ahead(iter(range(100)))
    next(found)
    found.close()
    until(lambda: threading.active_count() == before)
