"""The forms of profile fields: a new one, and one for each type with the rules that the type may have."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from maestro.admin.forms.jobs import Expected
from maestro.admin.people_words import CONTROLS, SHOWN, TYPES
from maestro.warehouse import rules
from maestro.warehouse.fields import CONTROLS as BY_TYPE
from maestro.warehouse.fields import LONGEST

LINES = 20_000                                     # characters of all choices together
OWN = ""                                           # choices of the field's own, from no lookup table


class Named(FlaskForm):
    label = StringField("Label", [InputRequired("Give the field a label."), Length(max=120)],
                        description="What people read beside the field, such as First name.")
    help = StringField("Help for subscribers", [Length(max=500)], description="One sentence below the field.")


class NewlyNamed(Named):
    name = StringField("Database name", [Length(max=31)], description="Used in mails as {{first_name}}, in imports and "
                       "exports. Small letters, digits and _. It never changes. Empty: made from the label.")


class FieldForm(NewlyNamed):
    type = SelectField("Type", choices=TYPES | {"consent": "Consent"})
    table = SelectField("Choices come from", description="A lookup table serves many fields.", default=OWN)
    choices = TextAreaField("Choices", [Expected(), Length(max=LINES)],
                            description="One in each line, in the order in which they are shown.")
    required = BooleanField("Must be filled in")
    shown = SelectField("On the subscribers' pages", choices=SHOWN, default="edit")
    text = TextAreaField("What people agree to", [Expected(), Length(max=20_000)], description="The wording beside the "
                         "tick. Every version is kept with the consents that were given to it.")
    held = RadioField("People who are in already", choices={
        "no": "I do not have their consent. They get “no” and can be asked.",
        "yes": "I have the consent of all of them."}, default="no")


class DerivedForm(NewlyNamed):
    formula = TextAreaField(
        "Formula", [InputRequired("Write the formula."), Length(max=2000)], description="Such as "
        '&FIRST_NAME; + " " + &LAST_NAME;  or  If(&VISITS; > 100, "often", "rarely"). Whole numbers, text in double '
        "quotes, dates, + - * / %, comparisons, and, or, not, and functions.")


class DerivedChangeForm(Named):
    formula = DerivedForm.formula


class Refined(Named):
    """What every field with values of its own may have."""

    required = BooleanField("Must be filled in")
    shown = SelectField("On the subscribers' pages", choices=SHOWN)
    default = StringField("Default", [Length(max=LONGEST)], description="What new people get who give nothing.")
    control = SelectField("Asked for as")


class TextForm(Refined):
    shortest = IntegerField("Fewest characters", [Optional(), NumberRange(0, LONGEST)])
    longest = IntegerField("Most characters", [Optional(), NumberRange(1, LONGEST)])
    pattern = StringField("Pattern", [Length(max=rules.PATTERN)], description="A regular expression for the whole "
                          "value, such as [A-Z]{2}[0-9]+ for two capitals and digits.")
    hint = StringField("What is said when the pattern does not fit", [Length(max=120)],
                       description="Such as: begins with two capitals. The label stands before it.")
    allowed = TextAreaField("Allowed values", [Optional(), Length(max=LINES)], description="One in each line.")


class NumberForm(Refined):
    lowest = StringField("Lowest", [Length(max=40)])
    highest = StringField("Highest", [Length(max=40)])
    allowed = TextAreaField("Allowed values", [Optional(), Length(max=LINES)], description="One in each line.")


class DateForm(Refined):
    lowest = StringField("Earliest", [Length(max=10)], description="Such as 1900-01-01.")
    highest = StringField("Latest", [Length(max=10)])


class ChoiceForm(Refined):
    table = FieldForm.table
    choices = TextAreaField("Choices", [Expected(), Length(max=LINES)],
                            description="One in each line. A choice that somebody has taken has to stay.")
    subset = SelectField("Part of the table")
    parent = SelectField("Depends on the field")
    parent_column = SelectField("Column that holds what is chosen there", description="A menu that depends on another "
                                "offers only the rows whose column names what was chosen there.")


class ConsentForm(Named):
    text = FieldForm.text


FORMS = {"text": TextForm, "number": NumberForm, "date": DateForm, "yesno": Refined, "choice": ChoiceForm,
         "choices": ChoiceForm}
RULES = ("shortest", "longest", "pattern", "hint", "lowest", "highest", "allowed")


def change_form(field, dataset, tables, wording):
    """The form for a field as it is. `tables`: the lookup tables of the group; `wording`: what a consent says."""
    if field.consent:
        return ConsentForm(data={"label": field.label, "help": field.help, "text": wording})
    if field.formula:
        return DerivedChangeForm(obj=field)
    form = FORMS[field.type](data=known(field))
    form.control.choices = {control: CONTROLS[control] for control in BY_TYPE[field.type]}
    if isinstance(form, ChoiceForm):
        offer(form, field, dataset, tables)
    return form


def known(field):
    """What the inputs of a field's form hold at first."""
    plain = ("label", "help", "required", "shown", "default", "subset", "parent", "parent_column")
    allowed = field.rules.get("allowed", ())
    return {name: getattr(field, name) for name in plain} | {name: field.rules.get(name) for name in RULES} | {
        "allowed": "\n".join(f"{value:.15g}" if isinstance(value, float) else value for value in allowed),
        "choices": "\n".join(field.choices), "table": str(field.lookup_id or OWN),
        "control": field.control or BY_TYPE[field.type][0]}


def offer(form, field, dataset, tables):
    """What the selects around lookup tables offer."""
    parents = [other for other in dataset.fields if other.type == "choice" and other.id != field.id]
    columns = sorted({column for table in tables for column in table.columns})
    subsets = sorted({name for table in tables for name in table.subsets})
    form.table.choices = sources(tables)
    form.subset.choices = {"": "All of it"} | {name: name for name in subsets}
    form.parent.choices = {"": "No other field"} | {other.name: other.label for other in parents}
    form.parent_column.choices = {"": "None"} | {column: column for column in columns}


def sources(tables):
    """Where the choices of a field may come from."""
    return {OWN: "The list below"} | {str(table.id): table.name for table in tables}


def wanted(form):
    """The rules that a form holds, by name."""
    given = {name: form[name].data for name in RULES if name in form}
    return given | {name: lines(form[name]) for name in ("allowed",) if name in form}


def lines(field):
    return [line.strip() for line in (field.data or "").splitlines() if line.strip()]
