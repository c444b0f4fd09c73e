"""Menus: where the choices of a field come from, and menus that depend on what was chosen before."""

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.models import LookupTable
from maestro.warehouse import fields


def attach(field, table, by, subset="", parent=None, column=""):
    """Let the choices come from a lookup table, or from one subset of it.

    `parent`: the choice field of the same people that is asked before; then only rows are offered whose `column`
    holds what was chosen there.
    """
    if subset and subset not in table.subsets:
        raise Refused("This table has no such subset.", "subset")
    if bool(parent) != bool(column) or column and column not in table.columns:
        raise Refused("A dependent menu needs the field before it and the column that names its values.", "parent")
    if parent and (parent.type != "choice" or parent.name == field.name or depends(parent, field)):
        raise Refused("A menu can depend on another field of one choice that does not depend on it.", "parent")
    fields.change(field, by, field.label, field.required, offered(table, subset), field.shown, field.help)
    field.lookup_id, field.subset = table.id, subset
    field.parent, field.parent_column = (parent.name, column) if parent else ("", "")
    db.session.flush()


def offered(table, subset=""):
    """The choices that a table or one subset of it stands for."""
    return table.subsets[subset] if subset else [row[0] for row in table.rows]


def depends(field, on):
    return field.parent == on.name


def detach(field, choices, by):
    """Let a field have choices of its own again."""
    fields.change(field, by, field.label, field.required, choices, field.shown, field.help)
    field.lookup_id, field.subset, field.parent, field.parent_column = None, "", "", ""
    audit.record("field.change", field, by, name=field.name)


def grouped(field):
    """The choices of a dependent field by what must be chosen before: {value of the parent: [choices]}."""
    table = db.session.get(LookupTable, field.lookup_id)
    place, found = table.columns.index(field.parent_column) + 1, {}
    for row in table.rows:
        if row[0] in field.choices:
            found.setdefault(row[place], []).append(row[0])
    return found


def unfit(field, pairs):
    """Of pairs (what was chosen before, choice) those in which the choice does not belong to it."""
    before_it = {value.lower(): set(found) for value, found in grouped(field).items()}
    return [(before, chosen) for before, chosen in pairs
            if chosen and set(chosen.split(",")) - before_it.get((before or "").lower(), set())]


def refuse_unfit(shown, values):
    """Refuse a choice that does not belong to what was chosen before it. `values`: all of a person's, by name."""
    for field in shown:
        before = values.get(field.parent)
        if field.parent and unfit(field, [(before, values.get(field.name))]):
            raise Refused(_("%(field)s: this choice does not belong to “%(before)s”.", field=field.label,
                            before=before or "–"), field.name)
