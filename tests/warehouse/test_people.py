"""The people table: the same answers with and without indexes, however it is searched, sorted and paged."""

import random
import string
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.warehouse import datasets, fields, finding, indexes, lists, members, people, pieces, subscriptions, tables

NAMES = [
    "Ann",
    "ann",
    "Änne",
    "Zoë",
    "Bo",
    "O'Brien",
    'say "hi"',
    "50 %",
    "a_b",
    "É",
    "Ольга",
    "二郎",
    None,
    "",
    "ﬁsh",
    "\\",
    "x" * 300,
]


@pytest.fixture
def crowd(world):
    """Sixty people with names of all kinds, on a list or not, some of whom have left."""
    points = fields.create(world.dataset, "Points", "number", by="test")
    fields.create(world.dataset, "Regular", "yesno", by="test", name="regular")
    for number in range(60):
        values = {
            "first_name": NAMES[number % len(NAMES)] or None,
            "city": ["Bristol", "York", None][number % 3],
            points.name: float(number * 7 % 10) if number % 4 else None,
            "regular": number % 3 == 0,
            "birthday": date(1990, 1, 1 + number % 9) if number % 5 else None,
        }
        row = members.add(world.dataset, f"p{number * 37 % 60:02}@example.org", values, by="test")
        if number % 2:
            subscriptions.join(world.offers, row, by="test")
        if number % 10 == 9:
            members.remove(world.dataset, row, by=None, cause="self")
    db.session.commit()
    return world


@pytest.fixture
def big(monkeypatch):
    """Treat a handful of people as many."""
    monkeypatch.setattr(indexes, "BIG", 0)
    monkeypatch.setattr(pieces, "SLICE", 7)


def build(dataset):
    db.session.commit()
    indexes.build(dataset.id, "address")
    db.session.commit()


def addresses(page):
    return [row["address"] for row in page.rows]


COLUMNS = ("address", "joined_at", "first_name", "city", "points", "regular", "birthday")
ORDERS = [(column, down) for column in COLUMNS for down in (False, True)]


def whole(dataset, list, column, down):
    """All rows of the table, page by page."""
    first = people.page(dataset, list, sort=column, down=down, size=7)
    rest = (
        people.page(dataset, list, sort=column, down=down, size=7, number=number)
        for number in range(2, first.pages + 1)
    )
    rows = [row for page in (first, *rest) for row in page.rows]
    assert len(rows) == len({row["id"] for row in rows}) == first.total == first.counts["confirmed"]
    return rows


def test_pages_put_together_are_everybody_once_in_order_with_and_without_indexes(crowd, big):
    tables_of = [(list, column, down) for list in (None, crowd.offers) for column, down in ORDERS]
    before = [whole(crowd.dataset, *table) for table in tables_of]
    build(crowd.dataset)
    for table, rows in zip(tables_of, before, strict=True):
        assert whole(crowd.dataset, *table) == rows
        _, column, down = table
        values = [row[column] for row in rows if row[column] is not None]
        assert [row[column] for row in rows[: len(values)]] == values, "empty values come last"
        if column in ("address", "points"):
            assert values == sorted(values, reverse=down)


def test_texts_are_sorted_without_regard_to_capitals(crowd):
    names = [
        row["first_name"] for row in people.page(crowd.dataset, sort="first_name", size=200).rows if row["first_name"]
    ]
    plain = [name.lower() for name in names if name.isascii() and name[0].isalpha()]
    assert plain == sorted(plain)


def test_a_page_that_does_not_exist_is_the_nearest_that_does(crowd):
    for number, shown in ((-5, 1), (0, 1), (10**9, 8), (3, 3)):
        page = people.page(crowd.dataset, number=number, size=7)
        assert (page.number, page.pages, page.total) == (shown, 8, 55)


def test_an_empty_dataset_has_one_empty_page(world):
    page = people.page(world.foreign)
    assert page[:5] == ([], 1, 1, 0, False)


def test_only_columns_of_the_table_can_be_sorted_by(world):
    for column in ("state", "address_key", "nothing", "id; DROP TABLE dataset", "", "__class__"):
        with pytest.raises(Refused):
            people.page(world.dataset, sort=column)


FOUND = {
    "p07": ["p07@example.org"],
    "P07@EXAMPLE.ORG": ["p07@example.org"],
    "p07 nobody": [],
    "dave": ["dave@example.org"],
    "av": [],
    "da": ["dave@example.org"],
    "d": ["dave@example.org"],
    "nobody": [],
    "%": [],
    "%%%": [],
    "\0": [],
}


def test_words_are_found_inside_and_short_ones_at_the_beginning(crowd):
    assert {search: addresses(people.page(crowd.dataset, search=search)) for search in FOUND} == FOUND


SEARCHES = [
    "ann",
    "ÄNNE",
    "änne",
    "o'b",
    "brien",
    '"hi"',
    'y "h',
    "50 %",
    "a_b",
    "a%b",
    "é",
    "оль",
    "二郎",
    "二",
    "fish",
    "ﬁsh",
    "xxx",
    "york ann",
    "bri",
    "h",
    "hi",
    "%",
    "br",
    "example.org",
    "p1 york",
    "\\",
    "zoë",
    "ZOË",
    "say",
    "*",
    "NOT ann",
    "ann OR zoë",
    "text:ann",
    "-",
]


def test_an_index_finds_the_same_people(crowd, big):
    asked = [
        (list, search, state) for list in (None, crowd.offers) for state in ("confirmed", "left") for search in SEARCHES
    ]
    before = [addresses(people.page(crowd.dataset, list, search, state=state)) for list, search, state in asked]
    build(crowd.dataset)
    for (list, search, state), found in zip(asked, before, strict=True):
        assert addresses(people.page(crowd.dataset, list, search, state=state)) == found, search
    assert sum(map(bool, before)) > 30


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=8), cut=st.integers(0, 6))
def test_any_part_of_any_name_is_found_with_the_index(crowd, big, name, cut):
    """The index was built before the name changed, and knows it all the same."""
    if pieces.name(tables.table(crowd.dataset)) not in indexes.existing(tables.table(crowd.dataset)):
        build(crowd.dataset)
    row = members.find(crowd.dataset, "dave@example.org")
    members.change(crowd.dataset, row, {"first_name": name}, by="test")
    for word in finding.words(name[cut:]):
        if len(word) >= pieces.LENGTH or name.lower().startswith(word):
            assert "dave@example.org" in addresses(people.page(crowd.dataset, search=word, size=200))
    db.session.commit()


def test_the_index_follows_people_and_fields(crowd, big):
    build(crowd.dataset)
    note = fields.create(crowd.dataset, "Order", "text", by="test", name="order")
    row = members.add(crowd.dataset, "new@example.org", {"order": "Rosemary"}, by="test")
    assert addresses(people.page(crowd.dataset, search="semar")) == ["new@example.org"]
    members.change(crowd.dataset, row, {"order": "Thyme"}, by="test", address="other@example.org")
    assert addresses(people.page(crowd.dataset, search="semar")) == []
    assert addresses(people.page(crowd.dataset, search="hyme other")) == ["other@example.org"]
    fields.remove(crowd.dataset, note, by="test")
    assert addresses(people.page(crowd.dataset, search="hyme")) == []
    members.remove(crowd.dataset, members.find(crowd.dataset, "other@example.org"), by="test")
    assert addresses(people.page(crowd.dataset, search="other")) == []
    db.session.commit()


def test_a_lists_own_texts_are_searched_on_that_list_only(crowd, big):
    fields.create(crowd.dataset, "Code", "text", by="test", list=crowd.offers)
    row = members.find(crowd.dataset, "dave@example.org")
    members.change(crowd.dataset, row, {"code": "secret7"}, by="test")
    build(crowd.dataset)
    assert addresses(people.page(crowd.dataset, search="secret7")) == []
    assert addresses(people.page(crowd.dataset, crowd.offers, search="secret7")) == ["dave@example.org"]


def test_a_search_that_says_too_little_says_so(crowd, big, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 10)
    page = people.page(crowd.dataset, search="example", size=7, number=2)
    assert (page.total, page.more, page.pages, len(page.rows)) == (10, True, 2, 3)


def test_building_twice_or_after_the_dataset_is_gone_does_no_harm(crowd, big):
    build(crowd.dataset)
    there = indexes.existing(tables.table(crowd.dataset))
    build(crowd.dataset)
    assert indexes.existing(tables.table(crowd.dataset)) == there
    indexes.build(10**6, "address")


def test_a_dataset_with_indexes_can_be_deleted(world, big):
    from_then = members.find(world.dataset, "dave@example.org")
    build(world.dataset)
    members.remove(world.dataset, from_then, by="test")
    name = tables.table(world.dataset).name
    lists.remove(world.offers, by="test")
    db.session.commit()

    datasets.remove(world.dataset, by="test")
    db.session.commit()
    left = db.session.connection().dialect.get_table_names(db.session.connection(), schema=tables.schema())
    assert not [table for table in left if table.startswith(name)]


def test_long_texts_can_be_kept_and_sorted_with_indexes(crowd, big):
    build(crowd.dataset)
    text = "".join(random.Random(1).choices(string.printable.strip(), k=fields.LONGEST))
    name = next(field.name for field in crowd.dataset.fields if field.type == "text")
    members.add(crowd.dataset, "long@example.org", {name: text}, by="test")
    db.session.commit()
    found = people.page(crowd.dataset, sort=name, size=500)
    assert text in [row[name] for row in found.rows]
