"""How an audience comes about, in numbers and by person: who is there, who is left out and why, who gets the mail."""

from typing import NamedTuple

from sqlalchemy import and_, or_, select

from maestro import extensions
from maestro.extensions import db
from maestro.lib import clock
from maestro.mailing import audience
from maestro.models import Subscription, Suppression
from maestro.warehouse import datasets, lists, restriction, tables


class Funnel(NamedTuple):
    """all = left + unconfirmed + suppressed + resting + audience."""

    all: int
    left: int
    unconfirmed: int
    suppressed: int                                # must not get mail from this group, or from anybody here
    audience: int
    counted_at: object
    resting: int = 0                               # paused, or wants mail less often


def count(job):
    """The funnel of a job as it is now."""
    audience.check(job)
    held, resting = size(job, "held"), size(job, "resting")
    if job.target or job.importer_id:
        states = {state: size(job, state) for state in ("confirmed", "left", "unconfirmed")}
        states["suppressed"] = size(job, "suppressed") - held
    else:
        states = lists.counts(job.list) if job.list else datasets.counts(job.dataset)
    return Funnel(sum(states.values()), states["left"], states["unconfirmed"], states["suppressed"] + held,
                  states["confirmed"] - held - resting, clock.now(), resting)


def size(job, part):
    """How many people are in a part of the funnel (a name of Funnel)."""
    return extensions.count(people_of(job, part))


def page(job, part, offset=0, limit=50):
    """Some of the people of a part, by address."""
    found = people_of(job, part).order_by("address_key").offset(offset).limit(limit)
    return db.session.execute(found).mappings().all()


def people_of(job, part):
    """A select of id, address, address_key and the time since when the people of a part are what they are."""
    people = tables.table(job.dataset)
    place = Subscription if job.list_id else people.c
    barred = and_(place.state == "confirmed", is_held(job, people))
    able = and_(place.state == "confirmed", ~is_held(job, people))
    chosen = {
        "all": place.state.is_not(None), "confirmed": place.state == "confirmed", "left": place.state == "left",
        "unconfirmed": place.state == "unconfirmed",
        "held": barred, "suppressed": or_(place.state == "suppressed", barred),
        "resting": and_(able, audience.resting(job, people)), "audience": and_(able, ~audience.resting(job, people)),
    }[part]
    return select(people.c.id, people.c.address, people.c.address_key, place.joined_at, place.left_at).select_from(
        audience.joined(job, people)).where(chosen, audience.meant(job, people))


def is_held(job, people):
    """Mail to this person is barred, whatever the list says: the address is suppressed, or left the whole dataset."""
    listed = select(Suppression.address_key).where(restriction.counts_for(job.group_id))
    barred = people.c.address_key.in_(listed)
    return or_(barred, people.c.state.not_in(audience.ON_LIST)) if job.list_id else barred
