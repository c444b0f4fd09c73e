"""Profile fields: how they are made, and how their values are read and shown."""

import re
import unicodedata
from datetime import date

from sqlalchemy import func, literal, select

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.lib.wording import plural
from maestro.models import FIELD_TYPES, Dataset, Field
from maestro.warehouse import pieces, rules, tables, uses

YES = {"t", "true", "y", "yes", "1", "on", "x"}
NO = {"f", "false", "n", "no", "0", "off"}
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
LONGEST = 10_000                                   # characters in one value
GREATEST = 2**53                                   # beyond, a double no longer counts by ones
CONTROLS = {                                       # by type: how its value may be asked for, the usual way first
    "text": ("line", "area"), "number": ("line",), "date": ("line",), "yesno": ("radio", "box"),
    "choice": ("menu", "radio"), "choices": ("boxes", "menu"),
}


def database_name(label):
    """A proposal for the database name of a field called `label`: "First name" becomes first_name."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:31]
    return name if name[:1].isalpha() else f"f_{name}"[:31].rstrip("_")


def create(dataset, label, type, by, list=None, choices=(), required=False, name=None, shown="edit", help="",
           formula="", expression=None, consent=False):
    """Add a field to a dataset, or to one `list` in it; its column is there at once, empty for everybody.

    `derived.create` and `consents.create` make those kinds.
    """
    label = check_label(label)
    name = check_new(dataset, label, name)
    choices = check_choices(type, choices)
    position = db.session.scalar(select(func.count()).where(Field.dataset_id == dataset.id))
    field = Field(dataset_id=dataset.id, list_id=list and list.id, name=name, label=label, type=type,
                  choices=choices, required=required, shown=shown, help=help, position=position, formula=formula,
                  consent=consent, rules={})
    db.session.add(field)
    db.session.flush()
    tables.add_column(dataset, field, expression)
    db.session.expire(dataset, ["fields"])
    pieces.follow(dataset)
    audit.record("field.create", field, by, name=name, type=type)
    return field


def check_new(dataset, label, name):
    """The database name of a field that is to come: the given one, or a fitting one."""
    name = name or (label if tables.NAME.fullmatch(label) else database_name(label))
    tables.check_name(name)
    if len(dataset.fields) >= tables.MOST_FIELDS:
        raise Refused(f"A dataset has at most {tables.MOST_FIELDS} fields.")
    if any(field.name == name for field in dataset.fields):
        raise Refused(f"This dataset has a field “{name}” already, its own or a list's.", "name")
    return name


def check_label(label):
    label = label.strip()
    if not 1 <= len(label) <= 120 or not label.isprintable():
        raise Refused("A field needs a label of 1 to 120 characters.", "label")
    return label


def check_choices(type, choices):
    if type not in FIELD_TYPES:
        raise Refused(f"A field's type is one of {', '.join(FIELD_TYPES)}.", "type")
    choices = [choice.strip() for choice in choices if choice.strip()] if type in ("choice", "choices") else []
    if type in ("choice", "choices") and not choices:
        raise Refused("A choice field needs at least one choice.", "choices")
    if len({choice.lower() for choice in choices}) != len(choices):
        raise Refused("Each choice may be named only once. Capital and small letters are the same here.", "choices")
    if any("," in choice or not choice.isprintable() for choice in choices):
        raise Refused("A choice cannot contain a comma or an invisible character.", "choices")
    return choices


def change(field, by, label, required, choices=(), shown="edit", help=""):
    """Change how a field is called and shown. Its name and type stay; choices may be added, in use ones not removed."""
    uses.refuse_at_work(field.dataset_id)
    label, choices = check_label(label), check_choices(field.type, choices)
    for choice in set(field.choices) - set(choices):
        if people := chosen_by(field, choice):
            raise Refused(f"“{choice}” is chosen by {plural(people, 'person', 'people')}. It has to stay.", "choices")
    field.label, field.choices, field.required, field.shown, field.help = label, choices, required, shown, help
    audit.record("field.change", field, by, name=field.name)


def refine(field, by, default="", control="", **wanted):
    """Set the default (as text), the way of asking and the rules of a field; the people's values stay as they are."""
    if control not in ("", *CONTROLS[field.type]):
        raise Refused("This way of asking does not fit the type.", "control")
    if uses.is_key(field):
        wanted = rules.of_key(field.type, wanted)
    field.rules = rules.check(field.type, wanted, lambda text: read(field, text))
    field.control, field.default = control, default.strip()
    try:
        parse(field, field.default)
    except Refused as refusal:
        raise Refused(refusal.sentence, "default") from None
    audit.record("field.change", field, by, name=field.name)


def move(dataset, field, up, by):
    """Put a field one place up or down among those of its own kind: the shared ones, or its list's."""
    row = [other for other in dataset.fields if other.list_id == field.list_id]
    place = row.index(field)
    row.insert(max(0, place - 1) if up else place + 1, row.pop(place))
    for position, other in enumerate(row):
        other.position = position
    db.session.flush()
    db.session.expire(dataset, ["fields"])
    audit.record("field.change", field, by, name=field.name)


def is_box(field):
    """Whether a yes or no is asked for as one box; a consent always is, beside its wording."""
    return field.type == "yesno" and (field.consent or field.control == "box")


def start_values(shown):
    """The defaults of fields, by name, parsed: what somebody new has who gives nothing."""
    return {field.name: read(field, field.default) for field in shown if field.default}


def chosen_by(field, choice):
    """How many people have chosen it."""
    people = tables.table(db.session.get(Dataset, field.dataset_id))
    value = people.c[field.name]
    chosen = (literal(",") + value + ",").contains(f",{choice},", autoescape=True)
    return db.session.scalar(select(func.count()).select_from(people).where(
        value == choice if field.type == "choice" else chosen))


def remove(dataset, field, by):
    """Take a field away with all its values."""
    uses.refuse_at_work(dataset.id)
    uses.refuse_needed(dataset, field)
    uses.refuse_written_back(dataset, field)
    uses.forget(dataset, field)
    pieces.let_go(dataset)
    tables.drop_column(dataset, field)
    audit.record("field.remove", field, by, name=field.name)
    db.session.delete(field)
    db.session.flush()
    db.session.expire(dataset, ["fields"])
    pieces.follow(dataset)


def of(dataset, list=None):
    """The fields that count for a list (shared and its own), or the dataset's shared ones."""
    return [field for field in dataset.fields if field.list_id in (None, list and list.id)]


def writable(dataset, list=None):
    """Those of them that have values of their own: not the derived ones."""
    return [field for field in of(dataset, list) if not field.formula]


def parse(field, text):
    """The value that `text` stands for in this field, None when it is empty; Refused says what is wrong."""
    value = read(field, text)
    if field.consent and value is False:
        raise Refused(_("%(field)s: without your consent this cannot be saved.", field=field.label), field.name)
    rules.obey(field, value)
    return value


def read(field, text):
    """The same by the field's type alone, whatever its rules."""
    if text in (None, []) or isinstance(text, str) and not text.strip():
        return None
    return PARSERS[field.type](field, text if field.type == "text" or not isinstance(text, str) else text.strip())


def parse_text(field, text):
    if len(text) > LONGEST:
        raise Refused(_("%(field)s: at most %(most)s characters.", field=field.label, most=f"{LONGEST:,}"), field.name)
    if "\0" in text:
        raise Refused(_("%(field)s contains a null character, which cannot be stored.", field=field.label), field.name)
    return text


def parse_number(field, text):
    plain = str(text).replace(" ", "").replace("\u00a0", "")
    if not NUMBER.fullmatch(plain):
        raise Refused(_("%(field)s must be a number like 12 or 12.5.", field=field.label), field.name)
    number = float(plain)
    if abs(number) > GREATEST:
        raise Refused(_("%(field)s: numbers go up to %(most)s. Use a text field for longer ones.", field=field.label,
                        most=f"{GREATEST:,}"), field.name)
    return number


def parse_date(field, text):
    try:
        return date(*map(int, DATE.fullmatch(text).groups()))
    except (AttributeError, ValueError):
        raise Refused(_("%(field)s must be a date like 2026-11-22.", field=field.label), field.name) from None


def parse_yesno(field, text):
    word = str(text).lower()
    if word not in YES | NO:
        raise Refused(_("%(field)s must be yes or no.", field=field.label), field.name)
    return word in YES


def parse_choice(field, text):
    for choice in field.choices:
        if choice.lower() == text.lower():
            return choice
    raise Refused(_("%(field)s: “%(text)s” is none of its choices.", field=field.label, text=text[:40]), field.name)


def parse_choices(field, texts):
    texts = texts.split(",") if isinstance(texts, str) else texts
    chosen = {parse_choice(field, text.strip()) for text in texts if text.strip()}
    return ",".join(choice for choice in field.choices if choice in chosen) or None


PARSERS = {"text": parse_text, "number": parse_number, "date": parse_date, "yesno": parse_yesno,
           "choice": parse_choice, "choices": parse_choices}


def show(field, value):
    """The text of a value as exports and merge fields show it: T and F, ISO dates, 12.5, 100."""
    if value is None:
        return ""
    if field.type == "yesno":
        return "T" if value else "F"
    if field.type == "number":
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)
