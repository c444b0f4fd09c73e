"""Forms made from a dataset's fields, one input of the right kind for each.

The inputs' names have a prefix, so that no field's name can mean anything else to the form.
"""

from contextlib import contextmanager

from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from maestro.lib.errors import Refused
from maestro.warehouse import fields

PREFIX = "f_"
LONG = 100                                         # characters from which on a text gets an input of several lines


def person_form(shown, row=None):
    """A form with the fields `shown`, for a new person or for the one in `row`."""
    address = EmailField("E-mail address", [InputRequired("Give the address."), Length(max=320)])
    inputs = {PREFIX + field.name: INPUTS[field.type](field, row[field.name] if row else None) for field in shown}
    known = {PREFIX + field.name: known_value(field, row[field.name]) for field in shown} if row else {}
    kind = type("PersonForm", (FlaskForm,), {"address": address, **inputs})
    return kind(data=known | {"address": row["address"] if row else ""})


def known_value(field, value):
    text = fields.show(field, value)
    return text.split(",") if field.type == "choices" and text else text


def text_input(field, value):
    if len(value or "") > LONG or "\n" in (value or ""):
        return TextAreaField(field.label, needed(field), filters=[one_line_feed], description=field.help)
    return StringField(field.label, needed(field), description=field.help)


def one_line_feed(text):
    """Browsers send two signs for the end of a line in a text area."""
    return text and text.replace("\r\n", "\n")


def number_input(field, _value):
    return StringField(field.label, needed(field), description=field.help, render_kw={"inputmode": "decimal"})


def date_input(field, _value):
    return StringField(field.label, needed(field), description=field.help, widget=DateInput())


def yesno_input(field, _value):
    unknown = {} if field.required else {"": "Not known"}
    return RadioField(field.label, needed(field), choices={"T": "Yes", "F": "No"} | unknown, description=field.help,
                      validate_choice=False)


def choice_input(field, _value):
    return SelectField(field.label, needed(field), choices={"": "–"} | {choice: choice for choice in field.choices},
                       description=field.help, validate_choice=False)


def choices_input(field, _value):
    return SelectMultipleField(
        field.label, needed(field), choices=list(field.choices), description=field.help,
        validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput())


def needed(field):
    return [InputRequired(f"{field.label} must be filled in.")] if field.required else []


INPUTS = {"text": text_input, "number": number_input, "date": date_input, "yesno": yesno_input, "choice": choice_input,
          "choices": choices_input}


def values(form, shown):
    """What the form holds, by field name; None when something is wrong, which is said at its field."""
    found = {}
    for field in shown:
        given = form[PREFIX + field.name]
        try:
            found[field.name] = fields.parse(field, given.data)
        except Refused as refusal:
            given.errors = [*given.errors, refusal.sentence]
    return None if form.errors else found


@contextmanager
def prefixed():
    """What a verb refuses about a field is said about its input."""
    try:
        yield
    except Refused as refusal:
        if refusal.field and refusal.field != "address":
            refusal.field = PREFIX + refusal.field
        raise
