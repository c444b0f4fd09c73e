"""A whole answer of PostgreSQL says the same as its rows one by one, however their values are written."""

import time

import psycopg
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from maestro.lib.errors import Refused
from maestro.lib.foreign import copying, forms, postgres, reading, texts
from maestro.lib.foreign.place import Place
from tests.parts.shop import HERE
from tests.parts.waiting import until

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ENDLESS = "SELECT generate_series(1, 2000000000)"                # row by row, without laying them down somewhere
CELL = st.none() | TEXT | st.text(st.sampled_from("\\\t\n\r\b\f\v\"',ntx.\ufeff"))
VALUES = """
    ('plain', 1::smallint, 2.5::real, 1e20::float8, 1.50::numeric, true, date '2026-11-23',
     timestamp '2026-11-23 00:00', timestamptz '2026-11-23 00:00+00', 'c'::char(3), 'small'::size, gen_random_uuid()),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('', 0, 'nan', 'inf', 'nan', false, '0099-01-02', '2026-11-23 00:00:00.5', '2026-11-23 10:00:00.123+05:30',
     '', 'large', gen_random_uuid()),
    ('\\.', -1, 1.1, -0.000001, -100, false, '9999-12-31', '1999-12-31 23:59:59.999999', '1850-01-01 00:00+00', 'abc',
     'small', gen_random_uuid()),
    ('x', 2, 3, 4, 'infinity', true, '2026-01-01', '2026-01-01 00:00:01', '2026-07-01 12:00+00', ' ', 'small',
     gen_random_uuid())"""


@pytest.fixture
def there(postgres):
    """A place that is read, and somebody who may write there."""
    url = postgres.create()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DO $$ BEGIN CREATE ROLE looker LOGIN PASSWORD 'looker'; EXCEPTION WHEN duplicate_object THEN "
                      "END $$")
        yield Place("postgresql", "127.0.0.1", postgres.port, url.partition("@/")[2].partition("?")[0], "looker",
                    "looker", "none", allow=(HERE,)), owner.execute


def rows(place, question, whole):
    """All rows of an answer; empty texts are None, as they become in an import."""
    with reading.asked(place, question, whole=whole) as (_, types, frames):
        found = [row for frame in frames for row in frame.iter_rows()]
    return types, [tuple(cell or None for cell in row) for row in found]


def is_the_same(place, question):
    """Whether an answer says what psycopg makes of its values, read as a whole and row by row."""
    types, quick = rows(place, question, True)
    assert set(types) <= forms.FORMS.keys() and quick
    with psycopg.connect(host=place.host, port=place.port, dbname=place.database, user="looker",
                         password="looker") as plainly:
        values = plainly.execute(question).fetchall()
    wanted = [tuple(texts.text(cell) or None for cell in row) for row in values]
    return quick == wanted == rows(place, question, False)[1]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_every_type_is_written_as_its_values_are(there, zone):
    place, run = there
    run(f"ALTER ROLE looker SET timezone = '{zone}'")
    run("CREATE TYPE size AS ENUM ('small', 'large')")
    run("CREATE TABLE things (a text, b smallint, c real, d float8, e numeric, f bool, g date, h timestamp, "
        "i timestamptz, j char(3), k size, l uuid)")
    run(f"INSERT INTO things VALUES {VALUES}")
    run("GRANT SELECT ON things TO looker")
    try:
        assert is_the_same(place, "SELECT * FROM things -- all of them")
    finally:
        run("ALTER ROLE looker RESET timezone")


@limits(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=40)))
@example([("\ufeffx",), (None,), ("",)])
def test_every_text_comes_as_it_is(there, cells):
    place, run = there
    width = len(cells[0])
    run("DROP TABLE IF EXISTS texts")
    run(f"CREATE TABLE texts (number serial, {', '.join(f'c{number} text' for number in range(width))})")
    for row in cells:
        run(f"INSERT INTO texts VALUES (DEFAULT, {', '.join(['%s'] * width)})", row)
    run("GRANT SELECT ON texts TO looker")
    wanted = ", ".join(f"c{number}" for number in range(width))
    _, found = rows(place, f"SELECT {wanted} FROM texts ORDER BY number", True)
    assert found == [tuple(cell or None for cell in row) for row in cells]


def test_more_than_a_frame_is_all_there(there, monkeypatch):
    place, _ = there
    question = "SELECT n, repeat('x', n % 7) FROM generate_series(1, 50) n"
    monkeypatch.setattr(copying, "ROWS", 7)
    assert is_the_same(place, question)
    monkeypatch.setattr(copying, "BYTES", 3)
    assert is_the_same(place, question)


def test_other_types_and_ways_of_writing_days_are_read_row_by_row(there):
    place, run = there
    assert rows(place, "SELECT ARRAY['a', 'b'], 1", True)[1] == [("a,b", "1")]
    run("ALTER ROLE looker SET datestyle = 'German'")
    try:
        assert rows(place, "SELECT date '2026-11-23'", True)[1] == [("2026-11-23",)]
    finally:
        run("ALTER ROLE looker RESET datestyle")


def test_what_python_has_no_value_for_is_the_same_in_the_editor_and_beside_other_types(there):
    place, run = there
    found = ("SELECT timestamp 'infinity' a, timestamptz '0044-03-15 12:00+00 BC' b, date '-infinity' c, "
             "timestamp '12026-11-23 00:00' d")
    run("ALTER ROLE looker SET timezone = 'UTC'")
    try:
        wanted = [("infinity", "0044-03-15 12:00:00+00 BC", "-infinity", "12026-11-23")]
        assert rows(place, found, True)[1] == rows(place, found, False)[1] == reading.look(place, found).rows == wanted
        assert rows(place, f"{found}, '{{}}'::jsonb", True)[1] == [(*wanted[0], "{}")]
    finally:
        run("ALTER ROLE looker RESET timezone")


def test_where_a_backslash_means_something_nothing_is_asked_without_a_cursor(there):
    place, run = there
    run("ALTER ROLE looker SET standard_conforming_strings = off")
    try:
        with reading.opened(place) as (_, connection):
            assert not postgres.forms(connection)
        assert rows(place, "SELECT 1.50, true, timestamp '2026-11-23 00:00'", True)[1] == [("1.5", "T", "2026-11-23")]
    finally:
        run("ALTER ROLE looker RESET standard_conforming_strings")


def test_a_question_without_columns_is_refused(there):
    for whole in (True, False):
        with pytest.raises(Refused, match="no column"):
            rows(there[0], "SELECT FROM pg_class", whole)


def test_no_rows_are_no_frames(there):
    assert rows(there[0], "SELECT 1 WHERE false", True)[1] == []


def test_a_question_is_not_more_than_one(there):
    for question in ("SELECT 1) TO PROGRAM 'true' --", "SELECT 1) TO STDOUT; DELETE FROM x; COPY (SELECT 1"):
        with pytest.raises(Refused):
            rows(there[0], question, True)


def test_who_stops_in_the_midst_leaves_nothing_behind(there):
    place, run = there
    with reading.asked(place, ENDLESS) as (_, _, frames):
        assert next(frames).height == copying.ROWS
    soon_is_quiet(run)


def test_who_stops_goes_even_where_nothing_can_be_called_off(there, monkeypatch):
    monkeypatch.setattr(psycopg.Connection, "cancel_safe", refuse)
    monkeypatch.setattr(psycopg.Connection, "_try_cancel", lambda *_args, **_options: None)
    place, run = there
    with reading.asked(place, ENDLESS, seconds=15) as (_, _, frames):
        assert next(frames).height == copying.ROWS
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 14         # who reads on to the end waits until the server has enough
    soon_is_quiet(run)


def refuse(*_args, **_options):
    raise psycopg.OperationalError("This is not possible here.")


def soon_is_quiet(run):
    """Wait until the server is done with what the looker asked."""
    mine = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'looker' AND state = 'active'"
    until(lambda: run(mine).fetchone() == (0,), message="The server still answers.")
