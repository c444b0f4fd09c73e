"""Values of other databases as the texts that an import reads: numbers plain, dates ISO, truth values T and F."""

from datetime import date, datetime, time
from decimal import Decimal


def text(value):
    """A value as text, None where there is none. A moment at midnight is a date."""
    if value is None or isinstance(value, str):
        return value
    return WRITTEN.get(type(value), str)(value)


def texts(values):
    """A column of values as texts; most are texts already, or all of one type."""
    types = set(map(type, values)) - {type(None)}
    if types <= {str}:
        return values
    if len(types) > 1:
        return [text(value) for value in values]
    write = WRITTEN.get(types.pop(), str)
    return [value if value is None else write(value) for value in values]


def moment(value):
    plain = value.isoformat(" ", "seconds")
    return plain[:10] if value.tzinfo is None and value.time() == time() else plain


def number(value):
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def decimal(value):
    plain = format(value, "f") if value.is_finite() else ""
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def decoded(raw):
    """Bytes that should be UTF-8, and are often Western European where nobody looked."""
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError:
        return bytes(raw).decode("cp1252", "replace")


def several(values):
    return ",".join(text(value) or "" for value in values)


WRITTEN = {bool: lambda value: "T" if value else "F", float: number, Decimal: decimal, datetime: moment,
           date: date.isoformat, bytes: decoded, list: several, tuple: several,
           set: several}
