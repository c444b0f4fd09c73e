"""The forms of lookup tables."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

BETWEEN = "|"                                      # cells of a row that is typed


class TableForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the table a name."), Length(max=120)],
                       description="Such as Cities.")
    description = StringField("Description", [Length(max=500)], description="For you and your colleagues.")


class RowsForm(FlaskForm):
    columns = StringField("Secondary columns", [Length(max=1500)],
                          description=f"Their names with {BETWEEN} between them, such as Country {BETWEEN} Region.")
    rows = TextAreaField("Rows", [Length(max=900_000)], description=f"One in each line, in the order of the menu: the "
                         f"value, then a cell for each secondary column, with {BETWEEN} between them.")


class UploadTableForm(FlaskForm):
    file = FileField("File", [FileRequired("Choose a file.")], description="CSV or XLSX with a header. The first "
                     "column holds the values, the others become secondary columns. It replaces what is there.")


class SubsetForm(FlaskForm):
    subset = StringField("Name", [InputRequired("Give the subset a name."), Length(max=60)])
    values = TextAreaField("Values", [Length(max=900_000)], description="One in each line. Empty: the subset goes.")


def cells(line):
    return [cell.strip() for cell in line.split(BETWEEN)]


def typed(table):
    """The content of a table as it is typed."""
    return {"columns": f" {BETWEEN} ".join(table.columns),
            "rows": "\n".join(f" {BETWEEN} ".join(row) for row in table.rows)}
