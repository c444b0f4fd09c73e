"""Values of other databases as the texts that an import reads: numbers plain, dates ISO, truth values T and F."""

from datetime import date, datetime, time
from decimal import Decimal

import polars as pl


def text(value):
    """A value as text, None where there is none. A moment at midnight is a date."""
    if value is None or isinstance(value, str):
        return value
    return WRITTEN.get(type(value), str)(value)


def texts(name, values):
    """A column of values as a series of texts. What is all text, or all whole numbers or dates, needs no loop here."""
    types = set(map(type, values)) - {type(None)}
    if types == {float} and (whole := whole_numbers(pl.Series(name, values, pl.Float64))) is not None:
        return whole
    if types == {date}:
        return pl.Series(name, values, pl.Date).dt.to_string("%Y-%m-%d")
    return pl.Series(name, values if types <= {str} else map(text, values), pl.String)


def whole_numbers(values):
    """Floats as the texts of whole numbers; None when some are not whole, or too large to say."""
    whole = values.cast(pl.Int64, strict=False)
    if whole.null_count() == values.null_count() and (whole.cast(pl.Float64) == values).all():
        return whole.cast(pl.String)
    return None


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
