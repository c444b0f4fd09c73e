"""The forms of an import: the file, how it is read, and what goes where."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from maestro.admin.import_words import MODES
from maestro.exchange.styles import DATES, DECIMALS, SEVERAL
from maestro.lib.tabular.dialect import ENCODINGS, QUOTES, SEPARATORS

MAP = "map_"                                       # begins the names of the inputs that map fields


class UploadForm(FlaskForm):
    target = SelectField("Into")
    file = FileField("File", [FileRequired("Choose a file.")], description="CSV, TSV or XLSX, also compressed; up to "
                     "100 MB and 5,000,000 rows.")


class FormatForm(FlaskForm):
    separator = SelectField("Separator", choices=SEPARATORS)
    quote = SelectField("Quote character", choices=QUOTES)
    encoding = SelectField("Character set", choices=ENCODINGS)
    header = BooleanField("The first row holds the names of the columns")


class RulesForm(FlaskForm):
    mode = RadioField("What the import does", choices=MODES)
    clear = SelectMultipleField(
        "Where the file has no value", option_widget=CheckboxInput(), widget=ListWidget(),
        description="Ticked: the value is cleared. Otherwise the value that is there stays.")
    overwrite = BooleanField("Overwrite what subscribers changed themselves",
                             description="Off: a value stays if its subscriber changed it after the last import did.")
    strict = BooleanField("Also take off people whom no import has brought or seen",
                          description="Only when all is made equal to the file. Off: who joined by other ways stays.")
    guard = IntegerField("Stop if more than this share would be removed (percent)",
                         [InputRequired("Give a percentage."), NumberRange(0, 100)],
                         description="And more than 50 people. The import then waits for you.")
    decimal = SelectField("Numbers are written with a", choices=DECIMALS)
    dates = SelectField("Dates are written", choices=DATES)
    several = SelectField("Several choices are separated by a", choices=SEVERAL)
    yes = StringField("Other words for yes", [Length(max=200)],
                      description="Yes, true, T, 1 are known. Separate them by commas.")
    no = StringField("Other words for no", [Length(max=200)], description="No, false, F, 0 are known.")

    @property
    def mapped(self):
        """The inputs that map fields to columns."""
        return [field for field in self if field.name.startswith(MAP)]


def rules_form(run, columns, mine):
    """The form for one run, with an input for the address and one for each field; `columns` are the file's."""
    choices = {"": "Not in the file"} | {column: column for column in columns if column}
    inputs = {f"{MAP}address": SelectField("Address", [InputRequired("Choose the column of the addresses.")],
                                           choices=choices)}
    for field in mine:
        label = f"{field.label} (must be filled in)" if field.required else field.label
        inputs[MAP + field.name] = SelectField(label, choices=choices)
    found = type("OneRulesForm", (RulesForm,), inputs)
    stored = {MAP + name: column for name, column in run.mapping.items()}
    form = found(data={"mode": run.mode, "overwrite": True, "guard": 20, **run.options, **stored})
    form.clear.choices = {field.name: field.label for field in mine}
    return form
