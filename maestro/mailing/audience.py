"""To whom a job goes: chosen as a query for the ledger, and looked at person by person."""

from datetime import timedelta

from sqlalchemy import BigInteger, and_, exists, func, literal, or_, select, true

from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.mailing import compose, jobs, reopening
from maestro.models import Account, Change, Importer, ImportRun, MailJob, Recipient, Subscription
from maestro.warehouse import fields, tables, targets

ON_LIST = ("confirmed", "unconfirmed")             # states in the dataset that do not keep a list's mail away
RESTS = {"weekly": timedelta(days=7), "monthly": timedelta(days=30)}
LONGEST_JOB = timedelta(days=7)                    # after its start a job sends nothing any more
NOBODY = 0                                         # stands for somebody without any values


def choose(job, dataset, list, by, version=None, target=None, values=None, importer=None):
    """Set whom a draft goes to: a list, a whole dataset, those of it whom a `target` group means, or whom an `importer`
    brought or changed.

    `values` are given for the parameters of the target group, by label.
    """
    values = values or {}
    reopening.check_place(job, dataset, list, target, values, importer)
    if target:
        targets.tree(dataset, list, target.condition, values)
    tracking = {"tracking": list.tracking} if list and list.id != job.list_id else {}
    jobs.change(job, by, version, dataset_id=dataset.id, list_id=list and list.id, target_id=target and target.id,
                target_values=values, importer_id=importer and importer.id, **tracking)
    db.session.refresh(job)


def check(job):
    if not job.dataset_id:
        raise Refused("This job has no recipients yet. Choose a list or a dataset.", "list")
    if job.target:
        targets.tree(job.dataset, job.list, job.target.condition, job.target_values)


def importer_problem(job):
    """Why nobody can come by the importer of a job, in a sentence; "" without one, and when all is well."""
    importer = job.importer_id and db.session.get(Importer, job.importer_id)
    if job.importer_id and not importer:
        return "The importer that brings this job's recipients is gone. Choose others."
    if importer and not importer.enabled:
        return f"The importer “{importer.name}” is not enabled: nobody comes by it."
    return ""


def meant(job, people):
    """The condition that a person is one of the job's target group, or comes by its importer; true without both."""
    if job.importer_id:
        return brought(job, people)
    return targets.meant(job.target, people, compose.day(job), job.target_values) if job.target else true()


def brought(job, people):
    """The condition that the importer's last run that came to its end added or changed a person, and is not undone."""
    ended = select(func.max(ImportRun.id)).where(
        ImportRun.importer_id == job.importer_id, ImportRun.state.in_(["done", "undoing", "undone"]))
    last = select(ImportRun.id).where(ImportRun.id == ended.scalar_subquery(), ImportRun.state == "done")
    return exists().where(
        Change.dataset_id == job.dataset_id, Change.member_id == people.c.id, Change.run_id == last.scalar_subquery(),
        Change.code.in_(["ADD", "UPD", "CHG"]))


def query(job):
    """Everybody whom the job is for, as the ledger takes them: member_id, subscription_id, address, address_key."""
    people = tables.table(job.dataset)
    number = Subscription.id if job.list_id else literal(None, BigInteger())
    columns = people.c.id.label("member_id"), number.label("subscription_id"), people.c.address, people.c.address_key
    return select(*columns).select_from(joined(job, people)).where(confirmed(job, people))


def joined(job, people):
    """The people, with their subscriptions to the job's list where it has one."""
    if not job.list_id:
        return people
    return people.join(Subscription, and_(Subscription.list_id == job.list_id, Subscription.member_id == people.c.id))


def confirmed(job, people):
    """The condition that a row of `joined` is somebody whom this job is for."""
    if not job.list_id:
        return and_(people.c.state == "confirmed", meant(job, people), ~resting(job, people))
    return and_(Subscription.state == "confirmed", people.c.state.in_(ON_LIST), meant(job, people),
                ~resting(job, people))


def resting(job, people):
    """The condition that somebody chose to pause, or to get mail less often than now; true or false, never NULL."""
    now = clock.now()
    if not job.list_id:
        return exists().where(Account.dataset_id == job.dataset_id, Account.member_id == people.c.id,
                              Account.paused_until > now)
    paused = and_(Subscription.paused_until.is_not(None), Subscription.paused_until > now)
    return or_(paused, *(and_(Subscription.frequency == frequency, had_mail(job, people, now - rest))
                         for frequency, rest in RESTS.items()))


def had_mail(job, people, since):
    """Whether a person got a mail from the job's list since then."""
    jobs = select(MailJob.id).where(MailJob.list_id == job.list_id, MailJob.id != job.id,
                                    MailJob.started_at > since - LONGEST_JOB)
    return exists().where(Recipient.job_id.in_(jobs), Recipient.address_key == people.c.address_key,
                          Recipient.handed_at > since.timestamp())


def sample(job, search="", limit=10):
    """A few people of the audience, for previews: mappings of columns."""
    people = tables.table(job.dataset)
    found = select(people).select_from(joined(job, people)).where(confirmed(job, people))
    texts = [people.c.address_key] + [people.c[f.name] for f in fields.of(job.dataset, job.list) if f.type == "text"]
    for word in search.split()[:5]:
        found = found.where(or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return db.session.execute(found.order_by(people.c.id).limit(limit)).mappings().all()


def person(job, member_id):
    """One person of the job's dataset as a mapping of columns, or None."""
    people = tables.table(job.dataset)
    return db.session.execute(select(people).where(people.c.id == member_id)).mappings().first()


def stand_in(job, member_id=None):
    """The chosen person, or the first of the audience, or (NOBODY, or no audience) somebody without any values."""
    found = None
    if job.dataset_id and member_id:
        found = person(job, member_id)
    if job.dataset_id and member_id is None:
        found = next(iter(sample(job, limit=1)), None)
    return found or {"id": NOBODY, "epoch": 0, "address": "", **{field.name: None for field in known(job)}}


def known(job):
    return fields.of(job.dataset, job.list) if job.dataset else []
