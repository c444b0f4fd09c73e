"""What is done to a column's texts before they are judged: blanks, letters, dates, words for words, one value for all.

Steps of a field: {"case": lower|upper|title, "date": "%d.%m.%Y", "map": {from: to}, "constant": text}. Blanks at the
ends of a text always go.
"""

from datetime import date

import polars as pl

from maestro.lib.errors import Refused

CASES = {"": "As they are", "lower": "small letters", "upper": "CAPITAL LETTERS", "title": "First Letter Capital"}
MOST = 500                       # words in one map
MOMENT = r"^(\d{4}-\d{2}-\d{2})[T ]\d.*$"      # not a day "BC"


def checked(change, fields):
    """{field: steps} with what means something; a Refused names the field."""
    known = {field.name: field for field in fields}
    found = {}
    for name, steps in change.items():
        steps = {word: value for word, value in steps.items() if value not in ("", None, {})}
        if steps and (name in known or name == "address"):
            found[name] = steps
            check(name, steps)
    return found


def check(name, steps):
    if steps.get("case", "") not in CASES:
        raise Refused("Choose one of the offered ways of writing letters.", name)
    if len(steps.get("map", {})) > MOST:
        raise Refused(f"At most {MOST} words can be replaced.", name)
    if name == "address" and "constant" in steps:
        raise Refused("Not everybody can have the same address.", name)
    if "date" in steps and not is_date_format(steps["date"]):
        raise Refused("Write how dates look with %d, %m and %Y, such as %d.%m.%Y.", name)


def is_date_format(text):
    """Whether dates that are written so are read again."""
    try:
        written = date(2001, 12, 30).strftime(text)
        return written != text and pl.Series([written]).str.to_date(text, strict=False)[0] is not None
    except (ValueError, pl.exceptions.PolarsError):
        return False


def words(text):
    """{from: to} of lines such as "BRS = Bristol"."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {old.strip(): new.strip() for old, _, new in pairs}


def lines(map):
    """The same backwards, for the form."""
    return "\n".join(f"{old} = {new}" for old, new in map.items())


def expression(text, steps, type=""):
    """The polars expression of a column after its steps; `text` is the expression before."""
    found = pl.lit(steps["constant"]) if "constant" in steps else text.str.strip_chars().replace("", None)
    if "map" in steps:
        found = found.replace(list(steps["map"]), [new or None for new in steps["map"].values()])
    if "date" in steps:
        read = found.str.to_date(steps["date"], strict=False).dt.to_string("%Y-%m-%d")
        found = pl.coalesce(read, found)
    elif type == "date":
        found = found.str.replace(MOMENT, "$1")
    return CASED.get(steps.get("case"), lambda text: text)(found)


CASED = {"lower": lambda text: text.str.to_lowercase(), "upper": lambda text: text.str.to_uppercase(),
         "title": lambda text: text.str.to_titlecase()}
