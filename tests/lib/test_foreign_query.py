"""The first look at a query: what is refused with a friendly word, and what is let through to the engine's own wall."""

import pytest

from maestro.lib.errors import Refused
from maestro.lib.foreign import query
from tests.parts.hostile import QUERIES


@pytest.mark.parametrize("text", [
    "SELECT 1", "select 1;", "  SELECT a FROM t -- done\n;\n", "WITH x AS (SELECT 1) SELECT * FROM x", "(SELECT 1)",
    "VALUES (1)", "SELECT 'DELETE FROM t; --' AS a", 'SELECT "update" FROM "insert"', "SELECT `drop` FROM t",
    "SELECT $$into; outfile$$", "SELECT replace(a, 'x', 'y'), left(b, 2) FROM t /* into */", "SELECT a::date FROM t",
])
def test_a_question_is_let_through(text):
    assert query.check(text)


@pytest.mark.parametrize("text, word", QUERIES["refused"])
def test_what_is_no_question_is_refused_with_a_word(text, word):
    with pytest.raises(Refused, match=word):
        query.check(text)


def test_the_line_of_a_mistake_is_named():
    with pytest.raises(Refused, match="Line 3"):
        query.check("SELECT *\nFROM t\nWHERE x IN (SELECT pg_sleep(5))")


def test_parameters_are_found_and_written_as_the_driver_wants_them():
    text = "UPDATE t SET a = :city, b = '50 % :no', c = d::text WHERE m LIKE '%x' AND e = :address -- :comment"
    assert query.parameters(text) == {"city", "address"}
    assert query.rewritten(text, "%({})s").startswith("UPDATE t SET a = %(city)s, b = '50 %% :no', c = d::text")
    assert query.rewritten(text, ":{}") == text
