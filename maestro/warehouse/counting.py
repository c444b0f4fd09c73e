"""How many people there are, counted again only after something happened: a million take a while to count."""

from typing import NamedTuple

from sqlalchemy import func, select

from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Change
from maestro.warehouse import datasets, lists

AGE = 60                                           # seconds after which is counted anew in any case
MOST = 500                                         # counts in memory
kept: dict[tuple, "Counted"] = {}


class Counted(NamedTuple):
    """Counts by state, with the last change and the time at which they were made."""

    counts: dict
    change: int
    at: object


def counts(dataset, list=None):
    """People of a dataset or a list by state. The change log tells of every change of membership."""
    place = db.engine.url, dataset.id, list and list.id
    last = db.session.scalar(select(func.max(Change.id)))
    found = kept.get(place)
    if found and found.change == last and (clock.now() - found.at).total_seconds() < AGE:
        return found.counts
    if len(kept) >= MOST:
        kept.clear()
    made = Counted(lists.counts(list) if list else datasets.counts(dataset), last, clock.now())
    kept[place] = made
    return made.counts
