"""Planning: one join of the source with what is there leaves a row for each effect, and nothing for what is equal."""

from sqlalchemy import and_, case, func, insert, null, or_, select, text

from maestro.exchange.compare import Comparison
from maestro.exchange.doubles import reject_doubled
from maestro.exchange.expressions import analyse, is_sqlite, small
from maestro.exchange.fitting import reject_unfit
from maestro.exchange.missing import plan_removals, reject_incomplete, reject_strangers
from maestro.exchange.recognising import drop_twins, recognise, reject_held
from maestro.exchange.remembering import refuse_twofold
from maestro.exchange.staging import INSERT, KINDS, NONE, REMOVE, REVIVE, SEEN, UPDATE

SUPPRESSED = "This address is suppressed."
LEFT = "This person left. No import brings back who left by own choice."


def build(run, staging, connection):
    """Fill the plan of a run anew; returns how many rows it has of each kind."""
    staging.renew_plan(connection)
    ease(connection)
    recognise(run, staging, connection)
    analyse(connection, staging.stage, "address_key")
    if run.counts["same"]:
        refuse_twofold(run, staging, connection)   # again: some are known by another address now
    facing = Comparison(run, staging, connection)
    plan_rows(run, staging, connection, facing)
    if run.mode == "synchronise" and not run.options.get("spare"):
        plan_removals(run, staging, connection, facing)
    if run.mode == "remove":
        drop_twins(staging, connection)
    else:
        reject_held(run, staging, connection)
        reject_strangers(run, staging, connection)
        reject_incomplete(run, staging, connection)
        reject_doubled(run, staging, connection)
        reject_unfit(run, staging, connection)
    analyse(connection, staging.plan, "_member")
    of_kinds = (func.count().filter(staging.plan.c._kind == number).label(kind) for number, kind in enumerate(KINDS))
    return connection.execute(select(*of_kinds)).mappings().one()      # SQLite would sort for a GROUP BY, in memory


def ease(connection):
    """Room for one hash join of a million rows on PostgreSQL, in this transaction only."""
    if not is_sqlite():
        connection.execute(text("SET LOCAL work_mem = '192MB'"))


def plan_rows(run, staging, connection, facing):
    """Rows for everything in the source that has an effect, or would have but for a protection."""
    columns = {
        "_line": facing.s._line, "_kind": kind(run, facing), "_person": person(run, facing),
        "_place": place(run, facing), "_member": member(run, facing, connection), **facing.before(), "_shared": null(),
        "_own": null(), "_why": why(facing), "address": func.coalesce(facing.p.address, facing.s.address),
        "address_key": facing.s.address_key}
    if run.mode != "remove":
        columns |= {field.name: facing.after(field) for field in staging.fields}
        columns |= {"_shared": shared(facing), "_own": own(facing), **facing.moves()}
    rows = select(*(value.label(name) for name, value in columns.items())).select_from(facing.joined)
    rows = rows.where(has_effect(run, facing))
    if connection.scalar(select(facing.p.id).limit(1)):       # with nobody there nothing brings rows out of order
        rows = rows.order_by(facing.s._line)
    connection.execute(insert(staging.plan).from_select(list(columns), rows))


def has_effect(run, facing):
    here, differs = facing.is_here(), or_(facing.any_differs(facing.shared + facing.own), facing.is_moved())
    if run.mode == "remove":
        return here
    if run.mode == "update":
        return and_(here, differs)
    unseen = facing.is_unseen()
    return or_(~here, unseen, differs) if facing.updating else or_(~here, unseen)


def kind(run, facing):
    """How the row is told, as a place in KINDS."""
    if run.mode == "remove":
        return small(KINDS.index("removed"))
    told = [(facing.is_protected(), "protected"), (~facing.is_here(), "added")]
    if facing.updating:
        told.append((or_(facing.any_differs(facing.shared + facing.own), facing.is_moved()), "changed"))
    told = [(condition, small(KINDS.index(word))) for condition, word in told]
    return case(*told, else_=small(KINDS.index("seen")))


def person(run, facing):
    """What is done to the person's row in the dataset."""
    if run.mode == "remove":
        return small(NONE if run.list_id else REMOVE)
    own = facing.any_differs(facing.own)
    differs = or_(own, facing.any_differs(facing.shared), facing.is_moved()) if facing.updating else and_(
        own, ~facing.is_here())
    otherwise = NONE if run.list_id else SEEN
    return case((facing.is_protected(), small(NONE)), (facing.p.id.is_(None), small(INSERT)),
                (~facing.is_member(), small(REVIVE)), (differs, small(UPDATE)), else_=small(otherwise))


def place(run, facing):
    """What is done to the person's place on the list."""
    if not run.list_id:
        return small(NONE)
    if run.mode == "remove":
        return small(REMOVE)
    return case((facing.is_protected(), small(NONE)), (facing.place.id.is_(None), small(INSERT)),
                (~facing.is_here(), small(REVIVE)), (facing.is_unseen(), small(SEEN)), else_=small(NONE))


def member(run, facing, connection):
    """The person's number; new people get theirs here on PostgreSQL, and in `number_new` on SQLite."""
    if is_sqlite() or run.mode in ("remove", "update"):
        return facing.p.id
    sequence = connection.scalar(select(func.pg_get_serial_sequence(facing.people.fullname, "id")))
    return case((facing.p.id.is_(None), func.nextval(sequence)), else_=facing.p.id)


def why(facing):
    reasons = (facing.is_here(), None), (facing.is_suppressed(), SUPPRESSED), (facing.left_by_choice(), LEFT)
    return case(*reasons, else_=None)


def shared(facing):
    """Changes of shared fields are told of people who were in the dataset before."""
    if not facing.updating:
        return null()
    return case((and_(facing.is_member(), ~facing.is_protected()), facing.told(facing.shared)), else_=None)


def own(facing):
    """Changes of a list's own fields are told of people who were on the list before."""
    if not facing.updating:
        return null()
    return case((facing.is_here(), facing.told(facing.own)), else_=None)
