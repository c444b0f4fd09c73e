"""What a person is called: made of profile fields by the dataset's pattern, such as "{{first_name}} {{last_name}}"."""

import re

from maestro.lib.errors import Refused
from maestro.warehouse import fields

PLACE = re.compile(r"\{\{\s*(\w+)\s*(?:\|([^{}]*))?\}\}")
LONGEST = 120                                      # characters of a name


def check(dataset, pattern):
    """Refuse a pattern with anything in it that is no shared field."""
    if len(pattern) > 500 or not pattern.isprintable():
        raise Refused("The name has at most 500 visible characters.", "name_pattern")
    shared = {field.name for field in fields.of(dataset)}
    for name in names(pattern):
        if name not in shared:
            raise Refused(f"There is no shared field “{name}”.", "name_pattern")
    if "{{" in PLACE.sub("", pattern) or pattern and not names(pattern):
        raise Refused("Write fields like {{first_name}}, in two braces on each side.", "name_pattern")


def names(pattern):
    """The fields that a pattern names."""
    return [match[1].lower() for match in PLACE.finditer(pattern or "")]


def of(dataset, row):
    """The name of the person in `row`, a mapping of columns; "" where the pattern or the values give none."""
    return ready(dataset)(row)


def ready(dataset):
    """The same as a function of rows, for naming many people."""
    pattern, known = dataset.name_pattern, {field.name: field for field in dataset.fields}
    if not pattern:
        return lambda row: ""

    def name(row):
        text = PLACE.sub(lambda match: value(known.get(match[1].lower()), row) or match[2] or "", pattern)
        return " ".join(text.split())[:LONGEST]
    return name


def value(field, row):
    return fields.show(field, row[field.name]) if field else ""
