"""The forms of an import: the file, how it is read, and what goes where."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from maestro.admin.import_words import MODES
from maestro.exchange import transform
from maestro.exchange.styles import DATES, DECIMALS, SEVERAL
from maestro.lib.tabular.dialect import ENCODINGS, QUOTES, SEPARATORS

MAP = "map_"                                       # begins the names of the inputs that map fields
CASE, DATE, WORDS, CONSTANT = "case_", "date_", "words_", "constant_"      # and of those that change their values


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
        "Where the source has no value", option_widget=CheckboxInput(), widget=ListWidget(),
        description="Ticked: the value is cleared. Otherwise the value that is there stays.")
    overwrite = BooleanField("Overwrite what subscribers changed themselves",
                             description="Off: a value stays if its subscriber changed it after the last import did.")
    key = SelectField("People are recognised by their", validate_choice=False, description=(
        "By a unique key of the dataset, a new address is a change and no leaving and joining."))
    strict = BooleanField("Also take off people whom no import has brought or seen",
                          description="Only when all is made equal to the source. Off: who joined by other ways stays.")
    guard = IntegerField("Stop if more than this share would be removed (percent)",
                         [InputRequired("Give a percentage."), NumberRange(0, 100)],
                         description="And more than 50 people. The import then waits for you.")
    unusable = IntegerField("Stop if more than this share of the rows cannot be used (percent)",
                            [InputRequired("Give a percentage."), NumberRange(0, 100)],
                            description="Nothing is changed then. 0: a single such row stops the import.")
    members_only = BooleanField("Only people who are in the dataset already",
                                description="Into a list. Off: who is not in its dataset yet is added there too.")
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

    def changing(self, mapped):
        """The inputs that say how the values of a mapped field are changed."""
        name = mapped.name.removeprefix(MAP)
        return [self[begin + name] for begin in (CASE, DATE, WORDS, CONSTANT) if begin + name in self]

    @property
    def change(self):
        """What they say, as `transform` takes it."""
        found = {}
        for mapped in self.mapped:
            given = {field.name.partition("_")[0]: field.data for field in self.changing(mapped)}
            found[mapped.name.removeprefix(MAP)] = {
                "case": given["case"], "date": (given.get("date") or "").strip(),
                "map": transform.words(given["words"] or ""), "constant": (given.get("constant") or "").strip()}
        return found


def rules_form(run, columns, mine):
    """The form for one run, with an input for the address and one for each field; `columns` are the file's."""
    choices = {"": "Not in the source"} | {column: column for column in columns if column}
    inputs = {f"{MAP}address": SelectField("Address", [InputRequired("Choose the column of the addresses.")],
                                           choices=choices)}
    inputs |= changing("address")
    for field in mine:
        label = f"{field.label} (must be filled in)" if field.required else field.label
        inputs[MAP + field.name] = SelectField(label, choices=choices)
        inputs |= changing(field.name, field.type)
    found = type("OneRulesForm", (RulesForm,), inputs)
    stored = {MAP + name: column for name, column in run.mapping.items()}
    usual = {"overwrite": True, "guard": 20, "unusable": 20}
    form = found(data={"mode": run.mode, **usual, **run.options, **stored, **changed(run)})
    form.key.choices = {"": "Address"} | {field.name: f"{field.label}, then address" for field in mine
                                          if field.name == run.dataset.key_field}
    form.clear.choices = {field.name: field.label for field in mine}
    return form


def changing(name, type="text"):
    """The inputs that say how the values of one field are changed."""
    found = {CASE + name: SelectField("Letters", choices=transform.CASES, validate_choice=False)}
    if type == "date":
        found[DATE + name] = StringField("How dates look", [Length(max=40)],
                                         description="Such as %d.%m.%y; empty: as chosen below.")
    found[WORDS + name] = TextAreaField("Words that stand for others", [Length(max=20_000)],
                                        description="A line each: what the source says = what is stored.")
    if name != "address":
        found[CONSTANT + name] = StringField("The same for everybody", [Length(max=1000)],
                                             description="A value that needs no column.")
    return found


def changed(run):
    """What is stored about changing values, as the inputs show it."""
    found = {}
    for name, steps in run.options.get("change", {}).items():
        found |= {CASE + name: steps.get("case", ""), DATE + name: steps.get("date", ""),
                  WORDS + name: transform.lines(steps.get("map", {})), CONSTANT + name: steps.get("constant", "")}
    return found
