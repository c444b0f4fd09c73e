"""What is missing: people who are not in the source any more, and values that must not be empty."""

from sqlalchemy import and_, delete, insert, literal, null, or_, select, true

from maestro.exchange.expressions import is_sqlite, small
from maestro.exchange.staging import INSERT, KINDS, NONE, REMOVE, REVIVE


def plan_removals(run, staging, connection, facing):
    """Rows for those who are here but not in the source: whom an import has seen, or (strict) everybody.

    A row that was rejected still says that its person is in the source.
    """
    source = people = facing.people
    p, stage, rejects = facing.p, staging.stage.c, staging.rejects.c
    if run.list_id:
        place = facing.place
        source = people.join(place.id.table, and_(place.member_id == p.id, place.list_id == run.list_id))
    index_keys(connection, staging)
    missing = and_(facing.is_here(), ~select(staging.same.c._member).where(staging.same.c._member == p.id).exists(),
                   ~select(stage._line).where(stage.address_key == p.address_key).exists(),
                   ~select(rejects._line).where(rejects._key == p.address_key).exists())
    if staging.key_field:
        missing = and_(missing, ~select(rejects._line).where(rejects._id == p[staging.key_field]).exists())
    seen = facing.target.joined_at < run.started_at if run.options.get("strict") else ~facing.is_unseen()
    columns = {
        "_kind": small(KINDS.index("removed")), "_person": small(NONE if run.list_id else REMOVE),
        "_place": small(REMOVE if run.list_id else NONE), "_member": p.id, **facing.before(), "address": p.address,
        "address_key": p.address_key}
    rows = select(*(value.label(name) for name, value in columns.items())).select_from(source).where(missing, seen)
    connection.execute(insert(staging.plan).from_select(list(columns), rows))


def index_keys(connection, staging):
    """SQLite looks a missing key up one by one; PostgreSQL hashes them all."""
    if is_sqlite():
        index(connection, staging.stage, "address_key")
    index_rejects(connection, staging)


def index_rejects(connection, staging):
    if is_sqlite():
        index(connection, staging.rejects, "_key")
        index(connection, staging.rejects, "_id")


def index(connection, table, column):
    connection.exec_driver_sql(
        f'CREATE INDEX IF NOT EXISTS work.ix_{table.name}_{column} ON {table.name} ("{column}")')


def reject_strangers(run, staging, connection):
    """With the option *members only*, rows of people whom the dataset does not know are rejected."""
    plan = staging.plan.c
    if run.list_id and run.options.get("members_only"):
        strange = plan._person.in_([INSERT, REVIVE])
        reject_late(staging, connection, strange, "address", "This person is not in the dataset.")


def reject_late(staging, connection, condition, name, reason, value=None):
    """Take rows out of the plan and tell why; `reason` is a sentence or an expression, `value` an expression."""
    plan, reason = staging.plan.c, literal(reason) if isinstance(reason, str) else reason
    connection.execute(insert(staging.rejects).from_select(
        ["_line", "_field", "_value", "_why", "_key", "_late"],
        select(plan._line, literal(name), null() if value is None else value, reason, plan.address_key, true()).where(
            condition)))
    connection.execute(delete(staging.plan).where(condition))


def reject_incomplete(run, staging, connection):
    """Rows that would leave a mandatory field empty are rejected."""
    plan, clearing = staging.plan.c, run.options.get("clear", ())
    for field in staging.fields:
        if not field.required:
            continue
        new = plan._place.in_([INSERT, REVIVE]) if field.list_id else plan._person.in_([INSERT, REVIVE])
        concerned = or_(new, plan._kind == KINDS.index("changed")) if field.name in clearing else new
        told = plan._kind.in_([KINDS.index("added"), KINDS.index("changed")])
        empty = and_(told, concerned, plan[field.name].is_(None))
        reject_late(staging, connection, empty, field.name, f"{field.label} must be filled in.")
