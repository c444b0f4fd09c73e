"""Which column of a source fills which field: {field name: column name}, "address" being one of the names."""

import unicodedata

from maestro.exchange import styles
from maestro.lib.errors import Refused

ADDRESS = ("address", "email", "emailaddress", "mail", "mailaddress", "emailaddr", "epost", "correo", "courriel")
ADDING = ("add", "add-update", "synchronise")
SAMPLES = 3


def folded(name):
    """A name without case, accents, blanks and signs: "E-Mail Address" is emailaddress."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def guess(columns, fields, samples):
    """A mapping by the columns' names; the address also by what its column holds. `samples`: {column: [texts]}."""
    by_name = {}
    for column in columns:
        by_name.setdefault(folded(column), column)
    found = {}
    for field in fields:
        column = by_name.get(folded(field.name)) or by_name.get(folded(field.label))
        if column:
            found[field.name] = column
    named = next((by_name[name] for name in ADDRESS if name in by_name), None)
    address = named or column_of_addresses(columns, samples)
    return {"address": address, **found} if address else found


def column_of_addresses(columns, samples):
    """The column of which more than half of the values have an @, or None."""
    def share(column):
        return sum("@" in text for text in samples[column]) / max(len(samples[column]), 1)
    best = max(columns, key=share, default=None)
    return best if best and share(best) > 0.5 else None


def guess_style(mapping, fields, samples):
    """The style that the mapped columns seem to be written in."""
    by_type = {}
    for field in fields:
        if field.name in mapping:
            by_type.setdefault(field.type, []).extend(samples[mapping[field.name]])
    return styles.guess(by_type)


def check(mapping, columns, fields, mode, constant=()):
    """Refuse a mapping that cannot work, naming the field at fault. `constant` fields need no column."""
    known = {field.name: field for field in fields}
    for name, column in mapping.items():
        if name != "address" and name not in known:
            raise Refused(f"There is no field “{name}” here.", name)
        if column not in columns:
            raise Refused(f"There is no column “{column}” in this file.", name)
    if "address" not in mapping:
        raise Refused("Choose the column that holds the addresses.", "address")
    for field in fields:
        if field.required and not field.default and mode in ADDING and field.name not in {*mapping, *constant}:
            raise Refused(f"{field.label} must be filled in, so it needs a column.", field.name)


def shown(samples):
    """The first few different values of each column."""
    return {column: list(dict.fromkeys(texts))[:SAMPLES] for column, texts in samples.items()}
