"""The form of an exporter."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from maestro.exchange.exporters import ENCODINGS, SEPARATORS

FORMATS = {"csv": "CSV", "xlsx": "Excel workbook (XLSX)", "jsonl": "JSON lines"}
LABELS = {"address": "Address", "joined_at": "In the dataset since"}


class ExporterForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the exporter a name."), Length(max=120)])
    description = StringField("Description", [Length(max=500)], description="For you and your colleagues.")
    target = SelectField("Whom", description="A target group or segment narrows the export.")
    columns = SelectMultipleField("Columns", widget=ListWidget(), option_widget=CheckboxInput(),
                                  description="In this order. Without any: the address and every field.")
    format = RadioField("Form", choices=FORMATS, default="csv")
    separator = SelectField("Between the cells of a CSV", choices=SEPARATORS)
    encoding = SelectField("Encoding of a CSV", choices=ENCODINGS,
                           description="Signs that an encoding lacks become question marks. UTF-8 has them all.")
    guard = BooleanField("For spreadsheets: disarm what looks like a formula")
    enabled = BooleanField("Enabled", default=True)


def exporter_form(exporter, columns, labels, filters):
    """The form with what can be chosen here; `exporter` is None for a new one."""
    form = ExporterForm(obj=exporter, data={} if exporter else {"columns": [*columns]})
    if exporter and not form.is_submitted():
        form.columns.data = exporter.columns or [*columns]
        form.target.data = str(exporter.target_id or "")
    chosen = [name for name in form.columns.data if name in columns]
    order = chosen + [name for name in columns if name not in chosen]
    form.columns.choices = {name: LABELS.get(name) or f"{labels[name]} ({name})" for name in order}
    form.target.choices = {"": "Everybody confirmed"} | {str(target.id): target.name for target in filters}
    return form


def given(form):
    """What the form says, as `exporters.create` takes it, the target aside."""
    names = ("description", "columns", "format", "encoding", "separator", "guard")
    return {name: form[name].data for name in names}
