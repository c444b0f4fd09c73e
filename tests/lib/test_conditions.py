from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Date, Float, Integer, MetaData, Table, Text, create_engine, select

from maestro.lib import operators
from maestro.lib.conditions import DEPTH, TOKENS, And, ConditionError, Not, Or, Question, as_sql, names, parse, ready

TODAY = date(2026, 11, 22)                     # a Sunday
FIELDS = {"city": "text", "points": "number", "joined": "date", "gold": "yesno", "colour": "choice",
          "likes": "choices", "address": "text"}
ANN = {"city": "Köln", "points": 501, "joined": date(2026, 11, 16), "gold": True, "colour": "Red",
       "likes": "tea,green tea,Jazz", "address": "ann@example.org"}
EMPTY = dict.fromkeys(ANN)


def ask(text, values, today=TODAY):
    return ready(parse(text, FIELDS))(values, today)


@pytest.mark.parametrize("text", [
    '&CITY = "köln"', "{{city}} = KÖLN", "city = 'Köln'", "City=Köln", "&CITY; <> Berlin", 'city > "berlin"',
    'city >= "KÖLN"',
    'city < "l"', 'city contains "ÖL"', "city startswith K", "city endswith ln", 'city in (Berlin, "köln")',
    "not city isempty",
    "points = 501", "points = 501.0", "points <> 500", "points > -3.5", "points >= 501", "points < 502",
    "points <= 501",
    "points in (1, 501)", "joined = 2026-11-16", 'joined < "2026-11-17"', "joined isthisweek", "joined isthismonth",
    "joined daysago 6", "joined daysago = 6", "joined daysago <= 6", "joined daysago >= 6", "joined daysago < 7",
    "joined daysago > 5", "joined daysago <> 5", "not joined daysahead 6", "joined birthdaythismonth", "gold",
    "gold = yes",
    "GOLD = True", "gold <> no", "not gold = no", "colour = red", "colour in (blue, RED)", "likes contains jazz",
    'likes contains "green tea"', "not likes contains green", 'likes in ("coffee", "tea")', "likes <> tea",
    "gold and points > 500 or city = Berlin", "city = Berlin or gold and points > 500",
    "(city = Berlin or gold) and points > 500",
    "not (city = Berlin or points < 500)", "not not gold", "gold and not (points = 1)",
    "birthdaythismonth &JOINED", "joined isthisweek and isthismonth &JOINED", "not isempty &CITY",
    "not (isempty {{city}})",
])
def test_conditions_that_hold_for_ann(text):
    assert ask(text, ANN) is True
    assert ask(f"not ({text})", ANN) is False


@pytest.mark.parametrize(("text", "answer"), [
    ("city isempty", True), ('city = "x"', False), ('city <> "x"', True), ('city < "x"', False),
    ("city contains x", False),
    ("city in (x)", False), ("points < 1", False), ("points <> 1", True), ("joined istoday", False),
    ("joined isempty", True),
    ("joined daysago < 5", False), ("joined birthdaytoday", False), ("gold", False), ("gold = no", False),
    ("gold <> yes", True),
    ("likes contains x", False), ("likes <> x", True), ("likes isempty", True), ("not city = x", True),
])
def test_an_empty_field_equals_nothing(text, answer):
    assert ask(text, EMPTY) is answer
    assert ask(text, {}) is answer


@pytest.mark.parametrize(("word", "born", "today", "answer"), [
    ("istoday", TODAY, TODAY, True), ("istoday", TODAY - timedelta(1), TODAY, False),
    ("isthisweek", date(2026, 11, 15), TODAY, False), ("isthisweek", date(2026, 11, 16), TODAY, True),
    ("isthisweek", TODAY, TODAY, True), ("isthisweek", date(2026, 11, 23), TODAY, False),
    ("isthismonth", date(2026, 11, 1), TODAY, True), ("isthismonth", date(2026, 11, 30), TODAY, True),
    ("isthismonth", date(2026, 12, 1), TODAY, False), ("isthismonth", date(2025, 11, 22), TODAY, False),
    ("isthismonth", date(2026, 12, 31), date(2026, 12, 1), True),
    ("birthdaytoday", date(1980, 11, 22), TODAY, True), ("birthdaytoday", date(1980, 11, 21), TODAY, False),
    ("birthdaytoday", date(1980, 2, 29), date(2027, 2, 28), True),
    ("birthdaytoday", date(1980, 2, 29), date(2028, 2, 28), False),
    ("birthdaytoday", date(1980, 2, 29), date(2028, 2, 29), True),
    ("birthdaytoday", date(1980, 2, 28), date(2027, 2, 28), True),
    ("birthdaythismonth", date(1980, 11, 1), TODAY, True), ("birthdaythismonth", date(1980, 10, 31), TODAY, False),
    ("daysahead 2", date(2026, 11, 24), TODAY, True), ("daysahead <= 2", date(2026, 11, 21), TODAY, False),
    ("daysahead <= 2", date(2026, 11, 23), TODAY, True), ("daysahead > 2", date(2026, 11, 24), TODAY, False),
    ("daysahead > 2", date(2026, 11, 25), TODAY, True), ("daysago <= 2", date(2026, 11, 23), TODAY, False),
    ("daysago 0", TODAY, TODAY, True),
])
def test_words_for_dates(word, born, today, answer):
    assert ask(f"joined {word}", {"joined": born}, today) is answer


def test_and_binds_closer_than_or_and_not_closest():
    tree = parse("not gold and points = 1 or city = x", FIELDS)
    gold, points, city = Question("gold", "yesno", "=", True), Question("points", "number", "=", 1), Question("city",
                                                                                                              "text",
                                                                                                              "=", "x")
    assert tree == Or((And((Not(gold), points)), city))
    assert names(tree) == {"gold", "points", "city"}


def test_a_quote_inside_quotes_is_doubled():
    assert parse('city = "say ""hi"""', FIELDS).given == 'say "hi"'
    assert parse("city = 'it''s'", FIELDS).given == "it's"


@pytest.mark.parametrize(("text", "position", "words"), [
    ("", 1, "field is missing"), ("   ", 4, "field is missing"), ("citty = x", 1, "Did you mean city"),
    ("xyz = x", 1, "no field xyz."), ("city", 5, "comparison is missing"), ("city x", 6, "comparison is missing"),
    ("city =", 7, "text such as"), ("city = ;", 8, "cannot be read"), ("city != x", 6, "cannot be read"),
    ('city = "x', 8, "cannot be read"), ("city = points", 8, "quotes"), ("city = &POINTS", 8, "quotes"),
    ("points = x", 10, "a number"), ("points contains 1", 8, "does not work with points"),
    ("joined = 22.11.2026", 10, "date"),
    ("joined = 2026-02-30", 10, "a date such as"), ("joined daysago", 15, "whole number"),
    ("joined daysago 1.5", 16, "whole"),
    ("joined daysago -1", 16, "whole"), ("gold = maybe", 8, "yes or no"), ("gold contains yes", 6, "does not work"),
    ("city in x", 9, "parentheses"), ("city in (x y)", 12, "comma or a closing"),
    ("(city = x", 10, "closing parenthesis"),
    ("city = x)", 9, "and or or"), ("city = x city", 10, "and or or"), ("city = x and", 13, "field is missing"),
    ("likes contains 'a,b'", 16, "one choice at a time"), ('city contains ""', 15, "text such as"),
    ("points = 12345678901234567", 10, "a number"), ("city = {{points}}", 8, "quotes"), ("\n\n city", 8, "comparison"),
])
def test_what_cannot_be_read_is_refused_with_place_and_advice(text, position, words):
    with pytest.raises(ConditionError) as refusal:
        parse(text, FIELDS)
    assert refusal.value.position == position
    assert words in refusal.value.sentence


@pytest.mark.parametrize("text", [
    "(" * (DEPTH + 2) + "gold" + ")" * (DEPTH + 2), "not " * (DEPTH + 2) + "gold",
    " and ".join(["gold"] * (TOKENS // 2 + 1)),
    "city in (" + ",".join(["x"] * TOKENS) + ")", "city = '" + "x" * 10_000 + "'",
])
def test_a_condition_has_limits(text):
    with pytest.raises(ConditionError):
        parse(text, FIELDS)


def test_every_word_belongs_to_a_type_and_every_type_has_its_words():
    assert all(operator.types for operator in operators.OPERATORS.values())
    for type in set(FIELDS.values()):
        assert all(operators.find(word, type) for word in ("=", "<>", "isempty"))


# --- the two readings ------------------------------------------------------------------------------------------------

people = Table(
    "people", MetaData(), Column("id", Integer, primary_key=True), Column("city", Text), Column("points", Float),
    Column("joined", Date), Column("gold", Boolean), Column("colour", Text), Column("likes", Text),
    Column("address", Text),
)
letters = st.text(alphabet="aAbBäÄßẞİıIiΣσςKK%_/\\,'\" éÉ", max_size=4)
texts = st.none() | letters
dates = st.dates(date(2024, 1, 1), date(2028, 12, 31)) | st.integers(-10, 10).map(lambda n: TODAY + timedelta(n))
choices = st.lists(st.sampled_from(["tea", "Tea", "tea%", "green tea", "t_a", "Ä"]), max_size=3,
                   unique=True).map(",".join)
rows = st.fixed_dictionaries({
    "city": texts, "points": st.none() | st.integers(-3, 3) | st.sampled_from([0.1, -2.5, 1e9]),
    "joined": st.none() | dates,
    "gold": st.none() | st.booleans(), "colour": texts, "likes": st.none() | choices, "address": texts,
})


def given_for(name, type, word):
    value = {"text": letters.filter(bool), "choice": letters.filter(bool), "number": st.integers(-3, 3) | st.just(0.1),
             "date": dates, "yesno": st.booleans(), "choices": st.sampled_from(["tea", "TEA%", "t_a", "ä"])}[type]
    takes = operators.find(word, type).takes
    return {"value": value, "values": st.lists(value, min_size=1, max_size=3).map(tuple), "nothing": st.none(),
            "days": st.tuples(st.sampled_from(sorted(operators.COMPARISONS)), st.integers(0, 9))}[takes]


@st.composite
def questions(draw):
    name = draw(st.sampled_from(sorted(FIELDS)))
    type = FIELDS[name]
    word = draw(st.sampled_from([word for word in operators.OPERATORS if operators.find(word, type)]))
    return Question(name, type, word, draw(given_for(name, type, word)))


trees = st.recursive(questions(), lambda inner: (
    st.builds(Not, inner) | st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
    | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))), max_leaves=6)
days = st.sampled_from([TODAY, date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2026, 12, 31),
                        date(2027, 1, 1)])


def url(request):
    if request.param == "sqlite":
        return "sqlite://"
    return request.getfixturevalue("postgres").create().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def connection(request):
    engine = create_engine(url(request))
    with engine.connect() as connection:
        if request.param == "sqlite":
            raw = connection.connection.dbapi_connection
            raw.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
        people.create(connection)
        yield connection
    engine.dispose()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([dict.fromkeys(FIELDS) | {"points": 0}], Question("points", "number", "in", (1, 0.1)), TODAY)
@given(table=st.lists(rows, min_size=1, max_size=6), tree=trees, today=days)
def test_both_readings_choose_the_same_people(connection, table, tree, today):
    connection.execute(people.delete())
    connection.execute(people.insert(), [{"id": number, **row} for number, row in enumerate(table)])
    condition = as_sql(tree, {name: people.c[name] for name in FIELDS}, today)
    found = set(connection.scalars(select(people.c.id).where(condition)))
    others = set(connection.scalars(select(people.c.id).where(~condition)))
    assert found == {number for number, row in enumerate(table) if ready(tree)(row, today)}
    assert found | others == set(range(len(table))) and not found & others
