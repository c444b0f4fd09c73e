"""Conditions as they are clicked together: what becomes of them, how they read, and what is refused."""

from datetime import date

import pytest

from maestro.lib import conditions
from maestro.lib.errors import Refused
from maestro.warehouse import questions

TYPES = {"city": "choice", "visits": "number", "born": "date", "name": "text", "likes": "choices", "vip": "yesno"}
LABELS = {name: (name.capitalize(), type) for name, type in TYPES.items()}
TODAY = date(2026, 11, 22)
ANN = {"city": "York", "visits": 12.0, "born": date(1980, 11, 22), "name": "Ann", "likes": "tea,milk", "vip": None}


def ask(field, word, given=None, **more):
    return {"field": field, "word": word, "given": given} | more


def group(join, *parts):
    return {"join": join, "parts": list(parts)}


HOLDS = [                                          # condition, whether it holds for Ann, how it reads
    (ask("city", "=", "york"), True, "City is york"),
    (ask("city", "!=", "York"), False, "City is not York"),
    (ask("city", "in", ["Bristol", "York"]), True, "City is one of Bristol, York"),
    (ask("city", "!in", ["Bristol"]), True, "City is none of Bristol"),
    (ask("name", "!contains", "nn"), False, "Name does not contain nn"),
    (ask("visits", ">=", "12"), True, "Visits is at least 12"),
    (ask("born", "daysago>", "300"), True, "Born is longer ago, in days, than 300"),
    (ask("born", "birthdaytoday"), True, "Born has its birthday today"),
    (ask("born", "<", "1980-11-22"), False, "Born is before 1980-11-22"),
    (ask("likes", "contains", "Milk"), True, "Likes contains Milk"),
    (ask("vip", "isempty"), True, "Vip is empty"),
    (ask("vip", "=", "T"), False, "Vip is yes"),
    (group("all", ask("city", "=", "York"), ask("visits", "<", "3")), False, "City is York and Visits is less than 3"),
    (group("any", ask("city", "=", "York"), ask("visits", "<", "3")), True, "City is York or Visits is less than 3"),
    (group("none", ask("city", "=", "Bristol"), ask("visits", "<", "3")), True,
     "none of: City is Bristol, Visits is less than 3"),
    (group("all", group("any", ask("vip", "=", "T"), ask("visits", ">", "3")), ask("name", "=", "Ann")), True,
     "(Vip is yes or Visits is more than 3) and Name is Ann"),
]
REFUSED = [
    (ask("gone", "=", "x"), "no field “gone”"),
    (ask("visits", "contains", "x"), "cannot be asked"),
    (ask("visits", "=", "many"), "no number"),
    (ask("visits", "=", ""), "a value is missing"),
    (ask("born", "=", "2026-02-30"), "no date"),
    (ask("born", "daysago<=", "-3"), "whole number of days"),
    (ask("city", "in", [" "]), "name 1 to"),
    (ask("vip", "=", "maybe"), "yes or no"),
]


def tree(condition, values=None):
    return questions.tree(condition, TYPES, values or {}, {7: ask("city", "=", "York")}.__getitem__)


@pytest.mark.parametrize("condition, holds, reads", HOLDS, ids=[reads for _, _, reads in HOLDS])
def test_what_is_clicked_is_asked_and_reads_like_it(condition, holds, reads):
    assert conditions.ready(tree(condition))(ANN, TODAY) is holds
    assert questions.said(condition, LABELS) == reads


@pytest.mark.parametrize("condition, said", REFUSED)
def test_what_cannot_be_asked_is_refused(condition, said):
    with pytest.raises(Refused, match=said):
        tree(condition)


def test_nothing_means_everybody():
    assert tree({}) is tree(group("all")) is tree(group("none", group("any"))) is None


def test_a_value_can_be_given_anew_under_its_label():
    asked = group("all", ask("city", "=", "York", ask="Which city?"), {"segment": 7})
    assert questions.asked(asked).keys() == {"Which city?"}
    assert conditions.ready(tree(asked))(ANN, TODAY)
    assert not conditions.ready(tree(asked, {"Which city?": "Bristol"}))(ANN, TODAY)
    assert questions.names(asked) == {"city"}
    assert questions.segments(asked) == {7}


def test_nesting_has_an_end():
    deep = ask("city", "=", "York")
    for _ in range(questions.DEPTH + 1):
        deep = group("all", deep, deep)
    with pytest.raises(Refused, match="nested"):
        tree(deep)
