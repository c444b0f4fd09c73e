"""Another type for a field that has values: looked at first, value by value, then done."""

from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.models import Field, ImportRun, MailJob
from maestro.warehouse import fields, pieces, tables, uses

PAGE = 5000                                        # people whose values are read at once
SHOWN = 20                                         # values that do not fit, named to the user
MOST_CHOICES = 500                                 # choices made from the values that are there
RUNNING = ("launching", "sending", "paused", "stopping", "finishing")
IMPORTING = ("queued", "fetching", "checking", "staged", "needs_review", "applying")


class Verdict(NamedTuple):
    """How many people have a value, how many of these do not fit, and the first of them: (member id, address, text)."""

    total: int
    unfit: int
    shown: list
    choices: list


def examine(dataset, field, type, choices=()):
    """What would become of the values if the field were of `type`. Nothing is changed."""
    trial = tried(dataset, field, type, choices)
    total, unfit, shown = 0, 0, []
    for id, address, value in values(dataset, field):
        total += 1
        if converted(field, trial, value) is None:
            unfit += 1
            shown += [(id, address, fields.show(field, value))] * (len(shown) < SHOWN)
    return Verdict(total, unfit, shown, trial.choices)


def tried(dataset, field, type, choices):
    """The field as it would be. A choice field that is told no choices takes the values that are there."""
    if field.formula or field.consent:
        raise Refused("The type of this field follows from what it is.", "type")
    if type in ("choice", "choices") and not any(choice.strip() for choice in choices):
        choices = present(dataset, field)
    return Field(name=field.name, label=field.label, type=type, choices=fields.check_choices(type, choices), rules={})


def present(dataset, field):
    """The different values that people have, as text without commas."""
    value = tables.table(dataset).c[field.name]
    found = select(value).where(value.is_not(None)).distinct().order_by(value).limit(MOST_CHOICES + 1)
    texts = [part for each in db.session.scalars(found) for part in fields.show(field, each).split(",")]
    by_case = {text.strip().lower(): text.strip() for text in reversed(texts)}
    if len(by_case) > MOST_CHOICES:
        raise Refused(f"There are more than {MOST_CHOICES} different values. Name the choices.", "choices")
    return list(reversed(by_case.values()))


def converted(field, trial, value):
    """The value under the new type, None where it does not fit."""
    try:
        return fields.read(trial, fields.show(field, value))
    except Refused:
        return None


def values(dataset, field, after=0):
    """(id, address, value) of everybody who has one, a page at a time."""
    while page := page_of(dataset, field, after):
        yield from page
        after = page[-1][0]


def page_of(dataset, field, after, since=None):
    """The next people who have a value; with `since` those who were changed from then on, also without one."""
    people = tables.table(dataset, [field])
    value = people.c[field.name]
    chosen = value.is_not(None) if since is None else people.c.changed_at >= since
    found = select(people.c.id, people.c.address, value).where(people.c.id > after, chosen)
    return db.session.execute(found.order_by(people.c.id).limit(PAGE)).all()


def retype(dataset, field, type, by, choices=(), empty=False):
    """Give the field another type. Refused while values do not fit, unless `empty` lets those go. Returns how many."""
    trial, verdict = check(dataset, field, type, choices, empty)
    add_column(dataset, trial)
    last = 0
    while (moved := fill(dataset, field, trial, last)):
        last = moved[-1]
    settle(dataset, field, trial, by, verdict.unfit)
    return verdict.unfit


def check(dataset, field, type, choices, empty):
    """(the field as it will be, what its values will be); refuses what cannot be done."""
    if type == field.type:
        raise Refused("The field is of this type already.", "type")
    refuse_busy(dataset, field)
    uses.refuse_needed(dataset, field)
    verdict = examine(dataset, field, type, choices)
    if verdict.unfit and not empty:
        raise Refused(f"{verdict.unfit:,} of {verdict.total:,} values do not fit.", "type")
    return Field(name=field.name, label=field.label, type=type, choices=verdict.choices, rules={}), verdict


def refuse_busy(dataset, field):
    """Deliveries and imports that are under way know the field as it is."""
    sending = select(func.count()).where(MailJob.dataset_id == dataset.id, MailJob.phase.in_(RUNNING))
    if db.session.scalar(sending):
        raise WrongState("A mail job to this dataset is being sent. Change the type when it is done.")
    runs = db.session.scalars(select(ImportRun.mapping).where(
        ImportRun.dataset_id == dataset.id, ImportRun.state.in_(IMPORTING)))
    if any(field.name in mapping for mapping in runs):
        raise WrongState("An import that fills this field is not over. Change the type when it is done.")


def growing(trial):
    """The new column while the old one is still in its place; no field's name begins like this."""
    return Field(name=f"_{trial.name}", type=trial.type)


def add_column(dataset, trial):
    tables.add_column(dataset, growing(trial))


def drop_column(dataset, trial):
    """Give up: the values stay as they are."""
    tables.drop_column(dataset, growing(trial))


def fill(dataset, field, trial, after, since=None):
    """Bring a page of values over to the new column; the ids of their people."""
    new = growing(trial)
    people = tables.table(dataset, [field, new])
    put = update(people).where(people.c.id == bindparam("_id")).values({new.name: bindparam("_value")})
    page = page_of(dataset, field, after, since)
    if page:
        db.session.execute(put, [{"_id": id, "_value": None if value is None else converted(field, trial, value)}
                                 for id, _address, value in page])
    return [id for id, *_ in page]


def catch_up(dataset, field, trial, since):
    """Bring over what was changed since, and empty what was emptied; how many values do not fit in all."""
    old, new = field.name, growing(trial).name
    people = tables.table(dataset, [field, growing(trial)])
    last = 0
    while moved := fill(dataset, field, trial, last, since):
        last = moved[-1]
    db.session.execute(update(people).where(people.c[old].is_(None), people.c[new].is_not(None)).values({new: None}))
    unfit = people.c[old].is_not(None) & people.c[new].is_(None)
    return db.session.scalar(select(func.count()).select_from(people).where(unfit))


def settle(dataset, field, trial, by, emptied):
    """Let the new column take the old one's place."""
    pieces.let_go(dataset)
    people, new = tables.table(dataset, [field]), growing(trial)
    connection, prepare = db.session.connection(), db.engine.dialect.identifier_preparer
    tables.drop_column(dataset, field)
    name = prepare.format_table(people)
    connection.exec_driver_sql(
        f"ALTER TABLE {name} RENAME COLUMN {prepare.quote(new.name)} TO {prepare.quote(field.name)}")
    before = field.type
    field.created_at = clock.now()                 # it is a new column: what was known of its values counts no more
    field.type, field.choices, field.rules, field.control = trial.type, trial.choices, {}, ""
    field.lookup_id, field.subset, field.parent, field.parent_column = None, "", "", ""
    field.default = fields.show(field, converted(Field(type="text"), field, field.default))
    db.session.flush()
    db.session.expire(dataset, ["fields"])
    pieces.follow(dataset)
    audit.record("field.retype", field, by, name=field.name, type=f"{before} to {trial.type}", emptied=emptied)
