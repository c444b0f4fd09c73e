"""Target groups and segments: whom they mean, counted, looked at, and kept."""

from typing import NamedTuple

from sqlalchemy import and_, func, select, true

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock, conditions
from maestro.lib.errors import Refused, WrongState
from maestro.models import Exporter, MailJob, Subscription, TargetGroup
from maestro.warehouse import counting, fields, finding, indexes, questions, tables

SAMPLE = 10


class Count(NamedTuple):
    """How many people a condition finds, a few of them, and when that was; `strictest` says why nobody is found."""

    people: int
    of: int
    sample: list
    at: object
    strictest: str


def create(dataset, list, name, condition, by, description="", category="", segment=False):
    """Keep a condition on the people of a dataset, or on those of one list."""
    target = TargetGroup(dataset_id=dataset.id, list_id=list and list.id, segment=segment, name="", condition={})
    target.dataset, target.list = dataset, list
    write(target, name, condition, description, category)
    db.session.add(target)
    db.session.flush()
    audit.record("target.create", target, by, name=target.name)
    return target


def write(target, name, condition, description, category):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("Give it a name of 1 to 120 characters.", "name")
    if not target.segment and not description.strip():
        raise Refused("Say in a sentence whom it means: others choose it by that.", "description")
    mine = TargetGroup.dataset_id == target.dataset.id, TargetGroup.id != (target.id or 0)
    others = select(TargetGroup.id).where(*mine)
    if db.session.scalar(others.where(func.lower(TargetGroup.name) == name.lower())):
        raise Refused(f"There is a target group or segment “{name}” already.", "name")
    check(target.dataset, target.list, condition, target.id)
    target.name, target.condition = name, condition
    target.description, target.category = description.strip(), category.strip()[:120]


def change(target, name, condition, by, description="", category="", enabled=True):
    write(target, name, condition, description, category)
    target.enabled = enabled
    audit.record("target.change", target, by, name=target.name)


def check(dataset, list, condition, number=None):
    """Refuse a condition that cannot be asked, one that refers to itself, and labels that stand twice."""
    if len(questions.parts(condition)) > questions.PARTS:
        raise Refused(f"A condition has at most {questions.PARTS} parts.", "condition")
    labels = [part["ask"] for part in questions.parts(condition) if part.get("ask")]
    if len(set(labels)) != len(labels):
        raise Refused("Each label under which a value is asked for may stand only once.", "condition")
    if number in reached(dataset, list, condition):
        raise Refused("A segment cannot refer to itself.", "condition")
    tree(dataset, list, condition)


def reached(dataset, list, condition):
    """The segments that a condition refers to, also through others."""
    found, waiting = set(), questions.segments(condition)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting |= questions.segments(segment_of(dataset, list)(number))
    return found


def segment_of(dataset, list):
    """How a condition's segments are looked up: those of the same list, or of the whole dataset."""
    def condition(number):
        found = db.session.get(TargetGroup, number)
        if not found or found.dataset_id != dataset.id or found.list_id not in (None, list and list.id):
            raise Refused("A segment that is asked about is gone.", "condition")
        return found.condition
    return condition


def tree(dataset, list, condition, values=None):
    """The tree over the fields that count for the list, or None for everybody."""
    types = {"address": "text"} | {field.name: field.type for field in fields.of(dataset, list)}
    return questions.tree(condition, types, values or {}, segment_of(dataset, list))


def expression(dataset, list, condition, people, today, values=None):
    """That a row of `people` is meant, as SQL."""
    found = tree(dataset, list, condition, values)
    return true() if found is None else conditions.as_sql(found, people.c, today)


def meant(target, people, today, values=None):
    """That a row of `people` is meant by a target group; `values` are those given for its parameters."""
    return expression(target.dataset, target.list, target.condition, people, today, values)


def chosen(dataset, list, people):
    """The confirmed people of a dataset or a list: (what to select from, the condition)."""
    if not list:
        return people, people.c.state == "confirmed"
    place = and_(Subscription.member_id == people.c.id, Subscription.list_id == list.id)
    return people.join(Subscription, place), Subscription.state == "confirmed"


def count(dataset, list, condition, today):
    """How many of the confirmed people the condition finds, and the first of them."""
    people = tables.table(dataset)
    source, here = chosen(dataset, list, people)
    wanted = expression(dataset, list, condition, people, today)
    whole = counting.counts(dataset, list)["confirmed"]
    hasten(dataset, whole)
    found = select(people).select_from(source).where(here, wanted)
    total = db.session.scalar(select(func.count()).select_from(source).where(here, wanted))
    sample = db.session.execute(found.order_by(people.c.id).limit(SAMPLE)).mappings().all() if total else []
    reason = "" if total or not whole else strictest(dataset, list, condition, today)
    return Count(total, whole, sample, clock.now(), reason)


def hasten(dataset, whole):
    """In a big dataset: have the indexes made, and let PostgreSQL plan with what is true."""
    if whole > indexes.BIG:
        indexes.ask(dataset, "address")
    if db.engine.dialect.name == "postgresql":
        db.session.execute(finding.PLANNING)


def strictest(dataset, list, condition, today):
    """The single question that the fewest people answer, in words, with their number."""
    people = tables.table(dataset)
    source, here = chosen(dataset, list, people)
    labels = {field.name: (field.label, field.type) for field in dataset.fields} | {"address": ("Address", "text")}
    counted = []
    for part in questions.parts(condition)[:20]:
        wanted = expression(dataset, list, {"join": "all", "parts": [part]}, people, today)
        number = db.session.scalar(select(func.count()).select_from(source).where(here, wanted))
        counted.append((number, questions.said(part, labels, names(dataset))))
    number, words = min(counted, default=(0, ""))
    return f"“{words}” ({number:,})" if words else ""


def names(dataset):
    """The names of the dataset's target groups and segments, by number."""
    found = db.session.execute(select(TargetGroup.id, TargetGroup.name).where(TargetGroup.dataset_id == dataset.id))
    return dict(found.all())


def of(dataset, list=None):
    """The target groups and segments of a dataset, by category and name; those of one list if it is given."""
    found = select(TargetGroup).where(TargetGroup.dataset_id == dataset.id)
    found = found.where(TargetGroup.list_id == list.id) if list else found
    return db.session.scalars(found.order_by(TargetGroup.category, TargetGroup.name)).all()


def remove(target, by):
    """Let it go, unless something is built on it."""
    if db.session.scalar(select(MailJob.id).where(MailJob.target_id == target.id).limit(1)):
        raise WrongState("There are mail jobs to it. Take it out of use instead.")
    if db.session.scalar(select(Exporter.id).where(Exporter.target_id == target.id).limit(1)):
        raise WrongState("An exporter uses it. Change that first.")
    users = [other.name for other in of(target.dataset) if target.id in questions.segments(other.condition)]
    if users:
        raise WrongState(f"“{users[0]}” asks about it. Change that first.")
    audit.record("target.remove", target, by, name=target.name)
    db.session.delete(target)
    db.session.flush()
