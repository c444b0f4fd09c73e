"""Rows that would give two people one value of the dataset's unique key: rejected, before anything is applied."""

from sqlalchemy import and_, func, or_, select

from maestro.exchange.missing import reject_late
from maestro.exchange.staging import NONE
from maestro.warehouse import tables


def reject_doubled(run, staging, connection):
    """Of the rows of a source with one value the last wins; one that belongs to somebody else stays where it is."""
    field = next((field for field in staging.fields if field.name == run.dataset.key_field), None)
    if not field:
        return
    plan, people = staging.plan.c, tables.table(run.dataset).c
    key = plan[field.name]
    writes = and_(key.is_not(None), plan._person != NONE)
    other = staging.plan.alias("other")
    last = select(func.max(other.c._n)).where(other.c[field.name].is_not(None), other.c._person != NONE)
    taken = select(people.id).where(people[field.name] == key, or_(plan._member.is_(None), people.id != plan._member))
    doubled = and_(writes, or_(plan._n.not_in(last.group_by(other.c[field.name])), taken.exists()))
    reject_late(staging, connection, doubled, field.name,
                f"{field.label}: somebody else in this dataset has this value, or it stands in a later row.")
