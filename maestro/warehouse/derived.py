"""Derived fields: columns that the database itself keeps, by a formula over other fields of the same people."""

from sqlalchemy import select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.warehouse import fields, formulas, pieces, tables

SAMPLE = 5                                         # people for whom a formula is tried out


def understood(dataset, text, list=None):
    """The formula that `text` is for this dataset's people (and a list's own fields). Raises FormulaError."""
    usable = {"address": "text"} | {field.name: field.type for field in fields.writable(dataset, list)}
    return formulas.read(text, usable, tables.table(dataset))


def create(dataset, label, formula, by, list=None, name=None, help=""):
    """Add a field whose values follow from others; its type is what the formula gives."""
    found = understood(dataset, formula, list)
    return fields.create(dataset, label, found.type, by, list=list, name=name, shown="view", help=help,
                         formula=formula.strip(), expression=found.sql)


def check_change(dataset, field, formula, list=None):
    """The new formula, which has to give the same type."""
    found = understood(dataset, formula, list)
    if found.type != field.type:
        raise Refused("This formula gives another type than before. Make a new field for it.", "formula")
    return found


def change(dataset, field, formula, by, list=None):
    """Let the field follow from another formula."""
    found = check_change(dataset, field, formula, list)
    if formula.strip() == field.formula:
        return
    pieces.let_go(dataset)
    tables.drop_column(dataset, field)
    field.formula = formula.strip()
    tables.add_column(dataset, field, found.sql)
    pieces.follow(dataset)
    audit.record("field.change", field, by, name=field.name)


def tried(dataset, text, list=None):
    """What the formula gives for a few people: [(address, value)]."""
    people = tables.table(dataset)
    found = select(people.c.address, understood(dataset, text, list).sql).where(people.c.state == "confirmed")
    return db.session.execute(found.order_by(people.c.id).limit(SAMPLE)).all()
