"""What a database holds, to be compared with what it held before."""

from maestro.extensions import Base, db
from maestro.models import Dataset
from maestro.warehouse import tables


def everything(*but):
    """All rows of all tables, those of the datasets among them; `but`: names of tables that may change."""
    db.session.rollback()
    of_people = [tables.table(dataset) for dataset in db.session.query(Dataset)]
    held = {table.name: sorted(map(str, db.session.execute(table.select()).all()))
            for table in [*Base.metadata.sorted_tables, *of_people] if table.name not in but}
    db.session.rollback()
    return held
