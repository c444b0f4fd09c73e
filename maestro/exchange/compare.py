"""The expressions by which a run compares what it read with what is there: who is here, what differs."""

import json

from sqlalchemy import (
    SmallInteger,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from maestro.exchange.expressions import has_key, is_sqlite, plain
from maestro.models import Change, ImportRun, Subscription, Suppression
from maestro.warehouse import barred, fields, restriction, tables
from maestro.warehouse.subscriptions import BY_CHOICE

PRESENT = ("confirmed",)                      # who only signed up is not here yet: an import brings him in
GATHER = 40                                   # fields in one JSON function: databases take 100 arguments


class Comparison:
    """A run's source rows (`s`) beside the people (`p`) and their places on its list (`place`, or None)."""

    def __init__(self, run, staging, connection):
        self.run = run
        self.people = tables.table(run.dataset)
        self.p, self.s = self.people.c, staging.stage.c
        self.joined = staging.stage.outerjoin(self.people, self.p.address_key == self.s.address_key)
        self.place = None
        if run.list_id:
            places = Subscription.__table__.alias("place")
            self.place = places.c
            mine = and_(places.c.list_id == run.list_id, places.c.member_id == self.p.id)
            self.joined = self.joined.outerjoin(places, mine)
        self.shared = [field for field in staging.fields if field.list_id is None]
        self.own = [field for field in staging.fields if field.list_id]
        self.erased = barred.among(run.dataset, connection, select(self.s.address_key))
        self.updating = run.mode in ("add-update", "update", "synchronise")
        self.clearing = set(run.options.get("clear", ()))
        self.overwrite = run.options.get("overwrite", True)
        self.since, self.carried = run.options.get("kept_since"), run.options.get("carried", ())
        self.by_key = staging.key_field is not None

    @property
    def target(self):
        return self.p if self.place is None else self.place

    def is_member(self):
        """Present in the dataset."""
        return func.coalesce(self.p.state.in_(PRESENT), false())

    def is_here(self):
        """Present where the import goes to: in the dataset, or on the list."""
        return func.coalesce(self.target.state.in_(PRESENT), false())

    def is_unseen(self):
        """Whether the import has not seen this person in its source before: an importer by its own runs."""
        seen = self.target.run_id
        if self.run.importer_id is None:
            return seen.is_(None)
        return func.coalesce(seen.not_in(self.my_runs()), true())

    def my_runs(self):
        return select(ImportRun.id).where(ImportRun.importer_id == self.run.importer_id)

    def is_moved(self):
        """Whether the row brings a new address of somebody who is known by his key, one that counts."""
        moved = self.s._new_key.is_not(None) if self.by_key else false()
        return moved if self.overwrite or "address" in self.carried else and_(moved, ~self.chose_address())

    def chose_address(self):
        """Whether the subscriber himself has changed his address after the last import that did."""
        return self.is_last_by_self("CHG")

    def moves(self):
        """The new address, where it shall be taken."""
        if not (self.by_key and self.updating):
            return {}
        wanted = and_(self.p.id.is_not(None), ~self.is_protected(), self.is_moved())
        return {name: case((wanted, self.s[name]), else_=None) for name in ("_new", "_new_key")}

    def is_suppressed(self):
        held = select(Suppression.address_key).where(restriction.counts_for(self.run.dataset.group_id))
        marked = (side.state == "suppressed" for side in self.sides())
        moved = [self.s._new_key.in_(held)] if self.by_key else []
        return func.coalesce(or_(self.s.address_key.in_(held), self.is_barred(), *moved, *marked), false())

    def is_barred(self):
        """Erased on request: the address is known by its hash, so those of the source were looked up beforehand."""
        if not self.erased:
            return false()
        if is_sqlite():
            return self.s.address_key.in_(select(func.json_each(json.dumps(self.erased)).table_valued("value").c.value))
        return self.s.address_key == func.any(literal(self.erased, ARRAY(Text)))

    def left_by_choice(self):
        left = (and_(side.state == "left", side.left_by.in_(BY_CHOICE)) for side in self.sides())
        return func.coalesce(or_(*left), false())

    def is_protected(self):
        """Not here, and never to be put here by an import."""
        return and_(~self.is_here(), or_(self.is_suppressed(), self.left_by_choice()))

    def sides(self):
        return [self.p] if self.place is None else [self.p, self.place]

    def differs(self, field):
        """Whether the source has another value than is there, one that counts."""
        new, old = self.s[field.name], self.p[field.name]
        other = new.is_distinct_from(old)
        if field.name not in self.clearing:
            other = and_(new.is_not(None), other)
        kept = self.kept(field)
        return other if kept is None else and_(other, ~kept)

    def any_differs(self, fields):
        return or_(false(), *(self.differs(field) for field in fields))

    def after(self, field):
        """The value that will stand there."""
        new, old = self.s[field.name], self.p[field.name]
        found = new if field.name in self.clearing else func.coalesce(new, old)
        if self.kept(field) is not None:
            found = case((self.kept(field), old), else_=found)
        if not self.updating:
            found = case((self.is_known(field), old), else_=found)
        return self.completed(field, found)

    def is_known(self, field):
        """Whether somebody is there already for whom the field counts: on its list, or in the dataset."""
        return self.is_here() if field.list_id else self.is_member()

    def completed(self, field, found):
        """The default where somebody new has no value."""
        if not field.default:
            return found
        default = literal(fields.read(field, field.default), self.p[field.name].type)
        return case((self.is_known(field), found), else_=func.coalesce(found, default))

    def kept(self, field):
        """Whether what stands there is kept, though the source says something else; None where nothing ever is."""
        kept = [self.changed_since(field)] if self.since is not None else []
        if not self.overwrite and (self.since is None or field.name not in self.carried):
            kept.append(self.changed_by_self(field))
        return or_(*kept) if kept else None

    def changed_since(self, field):
        """Whether somebody here changed this field after our changes were written back to the source."""
        newer = Change.__table__.alias("newer")
        return exists().where(
            newer.c.dataset_id == self.run.dataset_id, newer.c.member_id == self.p.id, newer.c.code == "UPD",
            newer.c.cause != "importer", or_(newer.c.seq.is_(None), newer.c.seq > self.since),
            has_key(newer.c.changes, field.name))

    def changed_by_self(self, field):
        """Whether the subscriber changed this field after the last import that did."""
        return and_(self.p.self_changed_at.is_not(None), self.is_last_by_self("UPD", field.name))

    def is_last_by_self(self, code, name=None):
        """Whether of the subscriber's and the imports' lines with this code (about this field) the last is his."""
        mine, later = Change.__table__.alias("mine"), Change.__table__.alias("later")
        about = [[has_key(side.c.changes, name)] if name else [] for side in (mine, later)]
        newer = exists().where(
            later.c.dataset_id == mine.c.dataset_id, later.c.member_id == mine.c.member_id, later.c.code == code,
            later.c.id > mine.c.id, later.c.cause == "importer", *about[1])
        return exists().where(mine.c.dataset_id == self.run.dataset_id, mine.c.member_id == self.p.id,
                              mine.c.code == code, mine.c.cause == "self", *about[0], ~newer)

    def before(self):
        """What an effect counts on: an apply that finds something else leaves the row alone."""
        place_was = null() if self.place is None else type_coerce(self.place.state, SmallInteger)
        return {"_was": type_coerce(self.p.state, SmallInteger), "_changed_at": self.p.changed_at,
                "_place_was": place_was}

    def told(self, fields):
        """The changes of these fields as the change log tells them, {field: [old, new]} in JSON; null without any."""
        if not fields:
            return literal(None, Text)
        parts = [self.changes(fields[start:start + GATHER]) for start in range(0, len(fields), GATHER)]
        whole = parts[0]
        for part in parts[1:]:
            whole = func.json_patch(whole, part) if is_sqlite() else whole.op("||")(part)
        return case((self.any_differs(fields), cast(whole, Text)), else_=None)

    def changes(self, fields):
        array = func.json_array if is_sqlite() else func.jsonb_build_array
        pairs = []
        for field in fields:
            pair = array(plain(field, self.p[field.name]), plain(field, self.after(field)))
            pairs += [cast(literal(field.name), Text), case((self.differs(field), pair), else_=None)]
        if is_sqlite():
            return func.json_patch("{}", func.json_object(*pairs))
        return func.jsonb_strip_nulls(func.jsonb_build_object(*pairs), type_=JSONB)
