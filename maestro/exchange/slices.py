"""A slice of a plan on its way into the tables: its rows, and a last look whether they still hold."""

from sqlalchemy import SmallInteger, and_, exists, func, insert, literal, select, type_coerce, update

from maestro.exchange.expressions import is_sqlite
from maestro.exchange.staging import INSERT, KINDS, REVIVE, UPDATE
from maestro.lib import clock
from maestro.models import Change, Subscription, Suppression
from maestro.warehouse import fields, restriction, tables

BY = "importer"


class Slice:
    """The rows of a run's plan above `low` and up to `high`, on one connection inside one transaction.

    `ops` says which (person, place) effects the plan has at all: statements without rows are not sent.
    """

    def __init__(self, run, staging, connection, low, high, ops):
        self.run, self.staging, self.connection, self.ops = run, staging, connection, ops
        self.people, self.places = tables.table(run.dataset), Subscription.__table__
        self.plan, self.p = staging.plan.c, self.people.c
        self.now = clock.now()
        self.inside = and_(self.plan._n > low, self.plan._n <= high, ~self.plan._stale)
        self.values = {} if run.mode == "remove" else {field.name: self.plan[field.name] for field in staging.fields}
        self.defaults = {name: literal(value, self.p[name].type) for name, value in defaults(run)}

    def has(self, person=None, place=None):
        return any(person in (None, one) and place in (None, other) for one, other in self.ops)

    def where(self, column, *ops):
        """The rows with one of these effects."""
        return and_(self.inside, column.in_(ops))

    def execute(self, statement):
        """Do it and say how many rows it touched, also of an INSERT."""
        return self.connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount

    def mark_stale(self, *conditions):
        self.execute(update(self.staging.plan).where(self.inside, *conditions).values(_stale=True))

    def log(self, code, level, where, changes=None, list_id=None, source=None, old_address=None):
        """Lines of the change log for the plan's rows that match `where`; `list_id` is a column or the run's list."""
        columns = {
            Change.created_at: literal(self.now, Change.created_at.type), Change.code: literal(code),
            Change.level: literal(level), Change.dataset_id: literal(self.run.dataset_id),
            Change.member_id: self.plan._member, Change.cause: literal(BY),
            Change.address: func.coalesce(self.plan._new, self.plan.address),
            Change.actor: literal(self.run.options.get("actor")), Change.run_id: literal(self.run.id)}
        if level == "L":
            columns[Change.list_id] = literal(self.run.list_id) if list_id is None else list_id
        if changes is not None:
            columns[Change.changes] = changes
        if old_address is not None:
            columns[Change.old_address] = old_address
        rows = select(*columns.values()).where(where)
        rows = rows.select_from(source) if source is not None else rows
        self.execute(insert(Change).from_select([column.key for column in columns], rows))


def defaults(run):
    """(name, value) of the fields that the source says nothing about and that new people get a default for."""
    unmapped = [field for field in fields.writable(run.dataset, run.list) if field.name not in run.mapping]
    return fields.start_values(unmapped).items()


def look_again(piece):
    """Lock whom the slice is about, and mark the rows of those who are no longer as the check found them."""
    held = select(Suppression.address_key).where(restriction.counts_for(piece.run.dataset.group_id))
    if piece.run.mode != "remove":
        piece.mark_stale(piece.plan._kind == KINDS.index("added"), piece.plan.address_key.in_(held))
        look_for_holders(piece)
    if piece.ops <= {(INSERT, INSERT), (INSERT, 0)}:
        return
    look_at(piece, piece.people, piece.p.id == piece.plan._member, piece.plan._was,
            piece.p.changed_at.is_not_distinct_from(piece.plan._changed_at))
    if piece.run.list_id:
        place = piece.places.c
        look_at(piece, piece.places, and_(place.list_id == piece.run.list_id, place.member_id == piece.plan._member),
                piece.plan._place_was)


def look_for_holders(piece):
    """Mark the rows that would give somebody the address or the unique key of somebody else, who took it meanwhile."""
    plan, p, name = piece.plan, piece.p, piece.run.dataset.key_field
    if piece.staging.key_field:
        piece.mark_stale(plan._new_key.is_not(None), held_by_another(piece, p.address_key == plan._new_key))
    if name in piece.values:
        piece.mark_stale(plan._person.in_([INSERT, REVIVE, UPDATE]), held_by_another(piece, p[name] == plan[name]))


def held_by_another(piece, same):
    other = piece.p.id.is_distinct_from(piece.plan._member)
    return exists().where(same, other).correlate(piece.staging.plan)


def look_at(piece, table, pair, was, *same):
    known = was.is_not(None)
    if not is_sqlite():
        locked = select(table.c.id).where(piece.inside, known, pair).with_for_update(of=table).subquery()
        piece.connection.execute(select(func.count()).select_from(locked))
    as_it_was = exists().where(pair, type_coerce(table.c.state, SmallInteger) == was, *same)
    piece.mark_stale(known, ~as_it_was.correlate(piece.staging.plan))
