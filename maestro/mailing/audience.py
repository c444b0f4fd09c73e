"""To whom a job goes: counted, explained in words, and chosen as a query for the ledger."""

from sqlalchemy import and_, func, or_, select

from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.models import Subscription, Suppression
from maestro.mailing import jobs
from maestro.warehouse import datasets, lists, tables


def choose(job, dataset, list, by):
    """Set whom a draft goes to: a list, or a whole dataset."""
    jobs.change(job, by, dataset_id=dataset.id, list_id=list and list.id, **({"tracking": list.tracking} if list else {}))


def check(job):
    if not job.dataset_id:
        raise Refused("This job has no recipients yet. Choose a list or a dataset.", "list")


def funnel(job):
    """How many there are, how many are left out and why, how many will get it, and when this was counted."""
    check(job)
    states = lists.counts(job.list) if job.list else datasets.counts(job.dataset)
    held = suppressed(job)
    return {"all": sum(states.values()), "left": states["left"], "unconfirmed": states["unconfirmed"],
            "suppressed": states["suppressed"] + held, "audience": states["confirmed"] - held, "counted_at": clock.now()}


def suppressed(job):
    """How many confirmed people must not get mail from this group."""
    people = tables.table(job.dataset)
    held = select(func.count()).select_from(people).join(
        Suppression, and_(Suppression.address_key == people.c.address_key, Suppression.group_id.in_([0, job.group_id])))
    return db.session.scalar(held.where(confirmed(job, people)))


def confirmed(job, people):
    """The condition that a person of `people` is one whom this job is for."""
    if not job.list_id:
        return people.c.state == "confirmed"
    on_list = select(Subscription.id).where(
        Subscription.list_id == job.list_id, Subscription.member_id == people.c.id, Subscription.state == "confirmed")
    return and_(on_list.exists(), people.c.state.in_(["confirmed", "unconfirmed"]))


def sample(job, search="", limit=10):
    """A few people of the audience, for previews: mappings of columns."""
    people = tables.table(job.dataset)
    found = select(people).where(confirmed(job, people))
    if search:
        found = found.where(or_(people.c.address_key.icontains(search.strip(), autoescape=True)))
    return db.session.execute(found.order_by(people.c.id).limit(limit)).mappings().all()


def person(job, member_id):
    """One person of the job's dataset, for a preview, or None."""
    people = tables.table(job.dataset)
    return db.session.execute(select(people).where(people.c.id == member_id)).mappings().first()
