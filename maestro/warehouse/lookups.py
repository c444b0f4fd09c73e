"""Lookup tables: the values behind menus, with secondary columns and subsets, of use to many fields of a group.

A field keeps a copy of its table's values as its choices, brought up to date with every change of the table; so
reading a value needs no table.
"""

from sqlalchemy import func, select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.lib.tabular import read
from maestro.lib.wording import plural
from maestro.models import Field, LookupTable
from maestro.warehouse import fields

ROWS, COLUMNS, TEXT = 5000, 20, 200                # rows and secondary columns of a table, characters of a cell


def create(group, name, by, description=""):
    table = LookupTable(group_id=group.id, name=check_name(group.id, name), description=description, columns=[],
                        rows=[], subsets={})
    db.session.add(table)
    db.session.flush()
    audit.record("lookup.create", table, by, name=table.name)
    return table


def check_name(group_id, name, but=0):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A lookup table needs a name of 1 to 120 characters.", "name")
    same = select(LookupTable.id).where(LookupTable.group_id == group_id, func.lower(LookupTable.name) == name.lower())
    if db.session.scalar(same.where(LookupTable.id != but)):
        raise Refused(f"There is a lookup table “{name}” already.", "name")
    return name


def rename(table, name, description, by):
    table.name, table.description = check_name(table.group_id, name, but=table.id), description
    audit.record("lookup.change", table, by, name=table.name)


def fill(table, columns, rows, by):
    """Replace the table's content: names of the secondary columns, and rows of a value and a text for each of them."""
    columns = check_columns(columns)
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if len(rows) > ROWS:
        raise Refused(f"A lookup table has at most {ROWS:,} rows.", "rows")
    for number, row in enumerate(rows, 1):
        check_row(number, row, len(columns))
    values = fields.check_choices("choice", [row[0] for row in rows]) if rows else []
    kept = {name: [value for value in subset if value in values] for name, subset in table.subsets.items()}
    refresh(table, values, kept, by)
    table.columns, table.rows, table.subsets = columns, rows, kept
    audit.record("lookup.change", table, by, name=table.name)


def check_columns(columns):
    columns = [column.strip() for column in columns if column.strip()]
    if len(columns) > COLUMNS or any(len(column) > 60 or not column.isprintable() for column in columns):
        raise Refused(f"There are at most {COLUMNS} secondary columns, with names of up to 60 characters.", "columns")
    if len({column.lower() for column in columns}) != len(columns):
        raise Refused("Each secondary column needs a name of its own.", "columns")
    return columns


def check_row(number, row, columns):
    if len(row) != columns + 1:
        raise Refused(f"Row {number} has {len(row)} cells; {columns + 1} are expected.", "rows")
    if not row[0] or any(len(cell) > TEXT for cell in row):
        raise Refused(f"Row {number}: a value is needed first, and no cell has more than {TEXT} characters.", "rows")


def upload(table, path, by):
    """Fill the table from a file: its first column holds the values, its header names the secondary columns."""
    opened = read.open_table(path, read.guess(path))
    rows = []
    for batch in opened.batches():
        rows += [[cell or "" for cell in row] for row in batch.frame.drop("line").rows()]
        if len(rows) > ROWS or batch.bad:
            raise Refused(batch.bad[0].reason if batch.bad else f"A lookup table has at most {ROWS:,} rows.", "file")
    fill(table, opened.columns[1:], rows, by)


def part(table, name, values, by):
    """Let `name` be a subset with these values of the table; without values it goes."""
    name = name.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Refused("A subset needs a name of 1 to 60 characters.", "subset")
    wanted = [row[0] for row in table.rows if row[0] in set(values)]
    if not wanted and any(field.subset == name for field in users(table)):
        raise WrongState("A field takes its menu from this subset.")
    subsets = {other: kept for other, kept in table.subsets.items() if other != name}
    subsets |= {name: wanted} if wanted else {}
    refresh(table, [row[0] for row in table.rows], subsets, by)
    table.subsets = subsets
    audit.record("lookup.change", table, by, name=table.name)


def users(table):
    """The fields whose menus come from this table."""
    return db.session.scalars(select(Field).where(Field.lookup_id == table.id).order_by(Field.id)).all()


def refresh(table, values, subsets, by):
    """Bring the choices of all its fields up to date. Refused where somebody has chosen what would go."""
    for field in users(table):
        offered = subsets.get(field.subset, []) if field.subset else values
        fields.change(field, by, field.label, field.required, offered, field.shown, field.help)


def remove(table, by):
    if found := users(table):
        raise WrongState(f"{plural(len(found), 'field takes', 'fields take')} menus from this table.")
    audit.record("lookup.remove", table, by, name=table.name)
    db.session.delete(table)
    db.session.flush()
