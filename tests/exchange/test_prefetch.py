"""Reading ahead changes when things are made, and nothing else."""

import threading

import pytest

from maestro.exchange.prefetch import ahead
from tests.parts.waiting import until


def test_everything_comes_in_order():
    for count in (100, 0):
        with ahead(iter(range(count))) as found:
            assert list(found) == list(range(count))


def test_the_first_one_is_made_before_anybody_asks():
    made = []
    with ahead(made.append(number) or number for number in range(2)):
        until(lambda: made)


def test_a_problem_comes_where_it_happened():
    def items():
        yield 1
        raise ValueError("no more")
    with ahead(items()) as found:
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
    for source, work in ((items(), str), (iter(range(9)), judge)):
        with ahead(source) as raw, ahead(map(work, raw)) as found:
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
    with ahead(made.append(number) or number for number in range(100)) as found:
        assert next(found) == 0
        until(lambda: len(made) >= 2)
        assert len(made) <= 4


def test_who_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    with ahead(iter(range(100))) as found:
        next(found)
    until(lambda: threading.active_count() == before)
