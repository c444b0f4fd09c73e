"""The people table: searched, sorted and paged, quick however many there are."""

from typing import NamedTuple

from sqlalchemy import func, or_, select

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Subscription
from maestro.warehouse import fields, tables

SORTED_ALWAYS = ("address", "joined_at")


class Page(NamedTuple):
    """One page of the table: rows, its number from 1, how many pages and people there are in all."""

    rows: list
    number: int
    pages: int
    total: int


def page(dataset, list=None, search="", sort="address", down=False, number=1, size=50, state="confirmed"):
    """One page of the people of a dataset or of one list, in one state, as mappings of columns.

    Deep pages are read from the nearer end, and only ids are skipped, so that the last page costs what the first does.
    """
    people = tables.table(dataset)
    chosen = choose(dataset, people, list, search, state)
    total = db.session.scalar(select(func.count()).select_from(chosen.subquery()))
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    keys = order(people, sortable(dataset, people, list, sort), down)
    skip, take = (number - 1) * size, min(size, total - (number - 1) * size)
    backwards = skip > total // 2
    if backwards:
        keys, skip = order(people, sortable(dataset, people, list, sort), not down), total - skip - take
    ids = db.session.scalars(chosen.order_by(*keys).offset(skip).limit(max(take, 0))).all()
    found = {row["id"]: row for row in db.session.execute(select(people).where(people.c.id.in_(ids))).mappings()}
    rows = [found[id] for id in ids]
    return Page(rows[::-1] if backwards else rows, number, pages, total)


def choose(dataset, people, list, search, state):
    """A select of the ids of those who are in `state`, on the list if there is one, and match `search`."""
    chosen = select(people.c.id)
    if list:
        chosen = chosen.join(Subscription, (Subscription.member_id == people.c.id) & (Subscription.list_id == list.id)
                             & (Subscription.state == state))
    else:
        chosen = chosen.where(people.c.state == state)
    for word in search.split()[:5]:
        texts = [people.c.address_key] + [people.c[f.name] for f in fields.of(dataset, list) if f.type in ("text", "choice")]
        chosen = chosen.where(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return chosen


def sortable(dataset, people, list, name):
    """The column called `name`, if this table may be sorted by it."""
    if name not in SORTED_ALWAYS and name not in {field.name for field in fields.of(dataset, list)}:
        raise Refused(f"The table cannot be sorted by “{name[:40]}”.", "sort")
    return people.c.address_key if name == "address" else people.c[name]


def order(people, column, down):
    """By the column, then by id: the order in which an index on both runs, either way."""
    keys = (column, people.c.id)
    return [key.desc() if down else key.asc() for key in keys]
