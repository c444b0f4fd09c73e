"""Recognising people who have another address here than in the source.

By the unique key of their dataset, who comes with a new address is the same person still: the staged row gets the
address under which he is known as its `address_key`, and keeps the new address in `_new` and `_new_key`. And who has
changed the address here after our changes went into the source is known there by the old one: the row is his, and the
address that he chose stays. Everything else then goes on as for any other row.
"""

from sqlalchemy import and_, delete, func, null, or_, select, update

from maestro.exchange.expressions import is_sqlite
from maestro.exchange.missing import index, reject_late
from maestro.models import Change
from maestro.warehouse import tables

HELD = "This address belongs to somebody else here. It can be taken over by the next run."


def recognise(run, staging, connection):
    """Find out who the staged rows are about. Done again, it starts anew."""
    stage, people, name = staging.stage, tables.table(run.dataset).c, staging.key_field
    if name:
        connection.execute(update(stage).where(stage.c._new_key.is_not(None)).values(
            address_key=stage.c._new_key, _new=null(), _new_key=null()))
    follow_moves(run, staging, connection, people)
    if not name:
        return
    same = people[name] == stage.c[name]
    known = select(people.address_key).where(same).scalar_subquery()
    connection.execute(update(stage).where(
        select(people.id).where(same, people.address_key != stage.c.address_key).exists()).values(
        _new=stage.c.address, _new_key=stage.c.address_key, address_key=known))


def follow_moves(run, staging, connection, people):
    """Rows that still have the address of before a change that the source cannot know, or that counts for more."""
    since, carried = run.options.get("kept_since"), run.options.get("carried", ())
    counts = [] if since is None else [and_(Change.cause != "importer", or_(Change.seq.is_(None), Change.seq > since))]
    if not run.options.get("overwrite", True) and "address" not in carried:
        counts.append(Change.cause == "self")
    if not counts:
        return
    if is_sqlite():
        index(connection, staging.stage, "address_key")
    moved = moves(run, staging, people, or_(*counts)).subquery().c
    connection.execute(update(staging.stage).where(
        staging.stage.c.address_key == moved.before, moved.of_person == 1, moved.of_address == 1).values(
        address_key=moved.now))


def moves(run, staging, people, counts):
    """The address of before that is staged, and the present one, of each change; the latest has the number 1.

    Left out is what somebody else is called by now, and who is staged by the new address as well.
    """
    before, holder = func.lower(Change.old_address), people.id.table.alias("holder")
    stage, again = staging.stage.alias("stage"), staging.stage.alias("again")
    latest = {"order_by": Change.id.desc()}
    return select(
        before.label("before"), people.address_key.label("now"),
        func.row_number().over(partition_by=Change.member_id, **latest).label("of_person"),
        func.row_number().over(partition_by=before, **latest).label("of_address"),
    ).join_from(Change, people.id.table, people.id == Change.member_id).join(
        stage, stage.c.address_key == before).where(
        Change.dataset_id == run.dataset_id, Change.code == "CHG", counts,
        ~select(holder.c.id).where(holder.c.address_key == before).exists(),
        ~select(again.c._line).where(again.c.address_key == people.address_key).exists())


def drop_twins(staging, connection):
    """Two rows that name one person, by key and by address, take off one person."""
    if staging.key_field:
        plan = staging.plan.c
        last = select(func.max(plan._n)).group_by(plan._member)
        connection.execute(delete(staging.plan).where(plan._n.not_in(last)))


def reject_held(run, staging, connection):
    """Take out of the plan who would take an address that somebody else has, or had until this run."""
    if not staging.key_field:
        return
    plan, people, other = staging.plan.c, tables.table(run.dataset).c, staging.plan.alias("other").c
    holder = select(people.id).where(people.address_key == plan._new_key, people.id != plan._member).exists()
    moved = plan._member.in_(select(other._member).where(other._new_key.is_not(None)))
    reject_late(staging, connection, and_(plan._new_key.is_not(None), holder), "address", HELD)
    reject_late(staging, connection, and_(plan._new_key.is_(None), plan._line.is_not(None), moved), "address", HELD)
