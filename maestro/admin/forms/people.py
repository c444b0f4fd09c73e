"""Forms made from a dataset's fields, one input of the right kind for each.

The inputs' names have a prefix, so that no field's name can mean anything else to the form.
"""

from contextlib import contextmanager

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from maestro.lib.errors import Refused
from maestro.warehouse import consents, fields, menus

PREFIX = "f_"
LONG = 100                                         # characters from which on a text gets an input of several lines


def person_form(shown, row=None):
    """A form with the fields `shown`, for a new person or for the one in `row`."""
    address = EmailField("E-mail address", [InputRequired("Give the address."), Length(max=320)])
    inputs = {PREFIX + field.name: INPUTS[field.type](field, row[field.name] if row else None) for field in shown}
    values = row or {field.name: None for field in shown} | fields.start_values(shown)
    known = {PREFIX + field.name: known_value(field, values[field.name]) for field in shown}
    kind = type("PersonForm", (FlaskForm,), {"address": address, **inputs})
    return kind(data=known | {"address": row["address"] if row else ""})


def one_field_form(field):
    """A form with nothing but one field, for many people at once."""
    return type("OneFieldForm", (FlaskForm,), {PREFIX + field.name: INPUTS[field.type](field, None)})()


def known_value(field, value):
    text = fields.show(field, value)
    if fields.is_box(field):
        return text == "T"
    return text.split(",") if field.type == "choices" and text else text


def text_input(field, value):
    if field.rules.get("allowed"):
        return one_of(field, [(value, value) for value in field.rules["allowed"]])
    if field.control == "area" or len(value or "") > LONG or "\n" in (value or ""):
        return TextAreaField(field.label, needed(field), filters=[one_line_feed], description=field.help)
    length = {"maxlength": field.rules["longest"]} if "longest" in field.rules else {}
    return StringField(field.label, needed(field), description=field.help, render_kw=length)


def one_line_feed(text):
    """Browsers send two signs for the end of a line in a text area."""
    return text and text.replace("\r\n", "\n")


def number_input(field, _value):
    return StringField(field.label, needed(field), description=field.help, render_kw={"inputmode": "decimal"})


def date_input(field, _value):
    bounds = {"min": field.rules.get("lowest"), "max": field.rules.get("highest")}
    return StringField(field.label, needed(field), description=field.help, widget=DateInput(),
                       render_kw={name: bound for name, bound in bounds.items() if bound})


def yesno_input(field, value):
    """A consent is a box beside its wording; every other yes or no may be unknown."""
    if fields.is_box(field):
        text = consents.wording(field) if field.consent else field.help
        wanted = [InputRequired(f"{field.label}: tick it to go on.")] if field.consent and value is None else []
        return BooleanField(field.label, wanted, description=text)
    unknown = {} if field.required else {"": "Not known"}
    return RadioField(field.label, needed(field), choices={"T": "Yes", "F": "No"} | unknown, description=field.help,
                      validate_choice=False)


def choice_input(field, _value):
    return one_of(field, menu(field))


def menu(field):
    """The choices; those of a dependent field stand in groups, each named by what must be chosen before."""
    if not field.parent:
        return {choice: choice for choice in field.choices}
    return {before or "–": {choice: choice for choice in found} for before, found in menus.grouped(field).items()}


def one_of(field, choices):
    if field.control == "radio" and not field.parent:
        unknown = {} if field.required else {"": "Not known"}
        return RadioField(field.label, needed(field), choices=choices | unknown, description=field.help,
                          validate_choice=False)
    first = {"": {"": "–"}} if field.parent else {"": "–"}
    return SelectField(
        field.label, needed(field), choices=first | choices, description=field.help, validate_choice=False,
        render_kw={"data-depends": PREFIX + field.parent} if field.parent else {})


def choices_input(field, _value):
    boxes = {} if field.control == "menu" else {"widget": ListWidget(), "option_widget": CheckboxInput()}
    return SelectMultipleField(
        field.label, needed(field), choices=list(field.choices), description=field.help,
        validate_choice=False, **boxes)


def needed(field):
    return [InputRequired(f"{field.label} must be filled in.")] if field.required else []


INPUTS = {"text": text_input, "number": number_input, "date": date_input, "yesno": yesno_input, "choice": choice_input,
          "choices": choices_input}


def values(form, shown):
    """What the form holds, by field name; None when something is wrong, which is said at its field."""
    found = {}
    for field in shown:
        given = form[PREFIX + field.name]
        if field.consent and not given.data and not given.flags.required:
            continue                                # nobody else takes a consent back, or gives it unasked
        try:
            found[field.name] = fields.parse(field, answer(given.data) if fields.is_box(field) else given.data)
        except Refused as refusal:
            given.errors = [*given.errors, refusal.sentence]
    return None if form.errors else found


def answer(ticked):
    return "T" if ticked else "F"


@contextmanager
def prefixed():
    """What a verb refuses about a field is said about its input."""
    try:
        yield
    except Refused as refusal:
        if refusal.field and refusal.field != "address":
            refusal.field = PREFIX + refusal.field
        raise
