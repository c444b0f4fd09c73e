"""What a slice does to people and to places on lists, each effect followed by its lines of the change log."""

from sqlalchemy import and_, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from maestro.exchange import consenting
from maestro.exchange.compare import PRESENT
from maestro.exchange.expressions import is_sqlite
from maestro.exchange.slices import BY
from maestro.exchange.staging import INSERT, REMOVE, REVIVE, SEEN, UPDATE
from maestro.models import HostedList
from maestro.warehouse import subscriptions


def perform(piece):
    """Everything in the order in which the change log tells it: who joins, who changes, who leaves."""
    if piece.staging.key_field and piece.run.mode != "remove":
        rename_people(piece)
    for op, effect in PEOPLE.items():
        if piece.has(person=op):
            effect(piece)
    for op, effect in PLACES.items():
        if piece.has(place=op):
            effect(piece)
    if piece.run.mode != "remove":
        log_changes(piece)
        consenting.prove(piece)
    if piece.has(person=REMOVE):
        remove_people(piece)


def arrival(piece, table):
    """The columns of somebody who comes in by this run."""
    state = literal("confirmed", table.c.state.type)
    return {"state": state, "how": literal(BY), "joined_at": literal(piece.now, table.c.joined_at.type),
            "run_id": literal(piece.run.id)}


def insert_missing(piece, table, key, columns, where):
    """Insert rows from the plan unless their key is taken; returns how many went in."""
    dialect = sqlite if is_sqlite() else postgresql
    rows = select(*columns.values()).where(where)
    added = dialect.insert(table).from_select(list(columns), rows)
    return piece.execute(added.on_conflict_do_nothing(index_elements=key))


def insert_people(piece):
    """New people. Who came by another way meanwhile is left alone."""
    plan, where = piece.plan, piece.where(piece.plan._person, INSERT)
    wanted = piece.connection.scalar(select(func.count()).where(where))
    columns = {
        "id": plan._member, "address": plan.address, "address_key": plan.address_key, **arrival(piece, piece.people),
        "changed_at": literal(piece.now, piece.p.changed_at.type), **piece.defaults, **piece.values}
    if insert_missing(piece, piece.people, ["address_key"], columns, where) != wanted:
        came = exists().where(piece.p.id == plan._member).correlate(piece.staging.plan)
        piece.mark_stale(plan._person == INSERT, ~came)
    piece.log("ADD", "D", where)


def rename_people(piece):
    """New addresses of people who were recognised by their key."""
    plan, moved = piece.plan, and_(piece.inside, piece.plan._new_key.is_not(None))
    piece.execute(update(piece.people).where(moved, piece.p.id == plan._member).values(
        address=plan._new, address_key=plan._new_key, changed_at=piece.now))
    piece.log("CHG", "D", moved, old_address=plan.address)


def revive_people(piece):
    where = piece.where(piece.plan._person, REVIVE)
    piece.execute(update(piece.people).where(where, piece.p.id == piece.plan._member).values(
        **arrival(piece, piece.people), left_at=None, left_by=None, changed_at=piece.now, **piece.defaults,
        **piece.values))
    piece.log("ADD", "D", where)


def update_people(piece):
    where = piece.where(piece.plan._person, UPDATE)
    seen = piece.run.id if piece.run.importer_id else func.coalesce(piece.p.run_id, piece.run.id)
    mark = {} if piece.run.list_id else {"run_id": seen}           # of the list's people the places have it
    piece.execute(update(piece.people).where(where, piece.p.id == piece.plan._member).values(
        **mark, changed_at=piece.now, **piece.values))


def mark_people(piece):
    """An import has seen them: from now on one may miss them."""
    where = piece.where(piece.plan._person, SEEN)
    piece.execute(update(piece.people).where(where, piece.p.id == piece.plan._member).values(run_id=piece.run.id))


def insert_places(piece):
    where = piece.where(piece.plan._place, INSERT)
    columns = {"list_id": literal(piece.run.list_id), "member_id": piece.plan._member, **arrival(piece, piece.places)}
    wanted = piece.connection.scalar(select(func.count()).where(where))
    if insert_missing(piece, piece.places, ["list_id", "member_id"], columns, where) == wanted:
        piece.log("ADD", "L", where)
        return
    mine = and_(piece.places.c.run_id == piece.run.id, piece.places.c.joined_at == piece.now)
    piece.log("ADD", "L", and_(where, exists().where(on_list(piece), mine).correlate(piece.staging.plan)))


def on_list(piece):
    return and_(piece.places.c.list_id == piece.run.list_id, piece.places.c.member_id == piece.plan._member)


def revive_places(piece):
    where = piece.where(piece.plan._place, REVIVE)
    piece.execute(update(piece.places).where(where, on_list(piece)).values(
        **arrival(piece, piece.places), left_at=None, left_by=None))
    piece.log("ADD", "L", where)


def mark_places(piece):
    where = piece.where(piece.plan._place, SEEN)
    piece.execute(update(piece.places).where(where, on_list(piece)).values(run_id=piece.run.id))


def leave_places(piece):
    """Off the list; the row stays, and the person stays in the dataset."""
    where = piece.where(piece.plan._place, REMOVE)
    piece.execute(update(piece.places).where(where, on_list(piece)).values(state="left", left_at=piece.now, left_by=BY))
    piece.log("DEL", "L", where)


def log_changes(piece):
    piece.log("UPD", "D", and_(piece.inside, piece.plan._shared.is_not(None)), piece.plan._shared)
    if piece.run.list_id:
        piece.log("UPD", "L", and_(piece.inside, piece.plan._own.is_not(None)), piece.plan._own)


def remove_people(piece):
    """Out of the dataset and all its lists. A row stays, without values, where some list was left by choice."""
    where, place = piece.where(piece.plan._person, REMOVE), piece.places.c
    ours = place.list_id.in_(select(HostedList.id).where(HostedList.dataset_id == piece.run.dataset_id))
    present, members = place.state.in_(PRESENT), select(piece.plan._member).where(where)
    joined = piece.staging.plan.join(piece.places, place.member_id == piece.plan._member)
    piece.log("DEL", "L", and_(where, ours, present), list_id=place.list_id, source=joined)
    piece.log("DEL", "D", where)
    left = {"state": "left", "left_at": piece.now, "left_by": BY}
    piece.execute(update(piece.places).where(place.member_id.in_(members), ours, present).values(**left))
    protected = select(place.member_id).where(ours, subscriptions.for_good(place))
    empty = {field.name: None for field in piece.run.dataset.fields if not field.formula}
    piece.execute(update(piece.people).where(piece.p.id.in_(members), piece.p.id.in_(protected)).values(
        **left, changed_at=piece.now, **empty))
    gone = select(piece.p.id).where(piece.p.id.in_(members), piece.p.state.in_(PRESENT))
    piece.execute(delete(piece.places).where(place.member_id.in_(gone), ours))
    piece.execute(delete(piece.people).where(piece.p.id.in_(members), piece.p.state.in_(PRESENT)))


PEOPLE = {INSERT: insert_people, REVIVE: revive_people, UPDATE: update_people, SEEN: mark_people}
PLACES = {INSERT: insert_places, REVIVE: revive_places, SEEN: mark_places, REMOVE: leave_places}
