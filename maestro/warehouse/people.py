"""The people table: searched, sorted and paged, quick however many there are."""

from typing import NamedTuple

from sqlalchemy import and_, exists, select

from maestro.extensions import count, db
from maestro.lib.errors import Refused
from maestro.models import Subscription
from maestro.warehouse import counting, fields, finding, indexes, tables

ALWAYS_THERE = ("address", "joined_at")            # the columns that no dataset lacks


class Page(NamedTuple):
    """One page of the table: its rows, its number from 1, how many pages and people there are."""

    rows: list
    number: int
    pages: int
    total: int
    more: bool                                     # the search finds so many that not all of them are listed
    counts: dict                                   # people by state, whatever is searched for


def page(dataset, list=None, search="", sort="address", down=False, number=1, size=50, state="confirmed"):
    """One page of the people of a dataset or of one list, in one state, as mappings of columns.

    Empty values come last, whichever way the table is sorted.
    """
    people = tables.table(dataset)
    check_sort(dataset, list, sort)
    counts = counting.counts(dataset, list)
    many = counts[state] > indexes.BIG
    if many:
        indexes.ask(dataset, sort)
    chosen, keys = choose(people, list, state, many), (people, sort, down)
    if search.strip():
        looked_for = finding.words(search)
        found = looked_for and sorted_ids(finding.among(dataset, people, chosen, list, looked_for, many), keys)
        total = min(len(found), finding.MOST)
        number, pages = place(total, number, size)
        ids = found[:total][(number - 1) * size:number * size]
        return Page(rows(people, ids), number, pages, total, len(found) > total, counts)
    number, pages = place(counts[state], number, size)
    ids = part(chosen, keys, counts[state], (number - 1) * size, size)
    return Page(rows(people, ids), number, pages, counts[state], False, counts)


def check_sort(dataset, list, name):
    if name not in ALWAYS_THERE and name not in {field.name for field in fields.of(dataset, list)}:
        raise Refused(f"The table cannot be sorted by “{name[:40]}”.", "sort")


def choose(people, list, state, many):
    """A select of the ids of those who are in `state`, in the dataset or on the list.

    `many`: go through the people in order and ask each for the list; else through the list, and sort.
    """
    ids = select(people.c.id)
    if not list:
        return ids.where(people.c.state == state)
    place = (Subscription.member_id == people.c.id, Subscription.list_id == list.id, Subscription.state == state)
    return ids.where(exists().where(*place)) if many else ids.join(Subscription, and_(*place))


def place(total, number, size):
    """The page that there is nearest to `number`, and how many there are."""
    pages = max(1, -(-total // size))
    return min(max(1, number), pages), pages


def sorted_ids(chosen, keys):
    """All ids of a select that is not long, in order."""
    people, name, down = keys
    some = chosen.add_columns(indexes.sort_key(people, name).label("key")).subquery().c
    return db.session.scalars(select(some.id).order_by(some.key.is_(None), *order(some.key, some.id, down))).all()


def order(key, id, down):
    """By the key, then by id: an index on both can be read either way."""
    return [column.desc() if down else column.asc() for column in (key, id)]


def part(chosen, keys, total, skip, take):
    """The ids from place `skip` on, of `total` in order, those with a value first."""
    people, name, down = keys
    key = indexes.sort_key(people, name)
    if name in ALWAYS_THERE:
        return run_of(chosen, order(key, people.c.id, down), order(key, people.c.id, not down), total, skip, take)
    with_value, without = chosen.where(key.is_not(None)), chosen.where(key.is_(None))
    filled = total - count(without)
    found = run_of(with_value, order(key, people.c.id, down), order(key, people.c.id, not down), filled, skip, take)
    rest = run_of(without, [people.c.id.asc()], [people.c.id.desc()], total - filled, max(0, skip - filled),
                  take - len(found))
    return [*found, *rest]


def run_of(chosen, forwards, backwards, total, skip, take):
    """A run of ids, read from the nearer end: the last page costs what the first does."""
    take = min(take, total - skip)
    if take <= 0:
        return []
    if skip <= total // 2:
        return db.session.scalars(chosen.order_by(*forwards).offset(skip).limit(take)).all()
    return db.session.scalars(chosen.order_by(*backwards).offset(total - skip - take).limit(take)).all()[::-1]


def rows(people, ids):
    """The rows with these ids, in their order."""
    found = {row["id"]: row for row in db.session.execute(select(people).where(people.c.id.in_(ids))).mappings()}
    return [found[id] for id in ids if id in found]
