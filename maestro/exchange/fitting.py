"""Choices that depend on another field: a row whose choice does not belong to what was chosen before is rejected."""

from sqlalchemy import and_, case, func, literal, or_, select, tuple_

from maestro.exchange.missing import reject_late
from maestro.exchange.staging import INSERT, KINDS, REVIVE
from maestro.warehouse import fields, menus, tables

PAIRS = 500                      # different pairs that are rejected in one statement


def reject_unfit(run, staging, connection):
    """Only what a row would change is looked at, as where people change it."""
    filled = {field.name for field in staging.fields}
    for field in fields.writable(run.dataset, run.list):
        if field.parent and {field.name, field.parent} & filled:
            reject_pairs(run, staging, connection, field)


def reject_pairs(run, staging, connection, field):
    """The different pairs are few, so they are judged where the rule is at home."""
    plan, people = staging.plan.c, tables.table(run.dataset)
    names = (field.parent, field.name)
    pair = [standing(run, staging, people, name) for name in names]
    told = plan._kind.in_([KINDS.index("added"), KINDS.index("changed")])
    touched = and_(told, or_(is_new(plan), *(
        after.is_distinct_from(held(people, plan, name)) for name, after in zip(names, pair, strict=True))))
    found = connection.execute(select(*pair).where(touched, pair[1].is_not(None)).distinct()).all()
    bad = menus.unfit(field, found)
    for some in (bad[start:start + PAIRS] for start in range(0, len(bad), PAIRS)):
        key = tuple_(func.coalesce(pair[0], ""), pair[1])
        among = key.in_([(before or "", chosen) for before, chosen in some])
        reason = literal(f"{field.label}: this choice does not belong to “") + func.coalesce(pair[0], "nothing") + "”."
        reject_late(staging, connection, and_(touched, among), field.name, reason, pair[1])


def standing(run, staging, people, name):
    """The value of a field after the row was applied."""
    plan = staging.plan.c
    if name in plan:
        return plan[name]
    start = fields.start_values([field for field in run.dataset.fields if field.name == name]).get(name)
    return case((is_new(plan), literal(start, people.c[name].type)), else_=held(people, plan, name))


def held(people, plan, name):
    return select(people.c[name]).where(people.c.id == plan._member).scalar_subquery()


def is_new(plan):
    return plan._person.in_([INSERT, REVIVE])
