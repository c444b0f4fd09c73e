"""What the values of a field must be like beyond its type: length, pattern, range, allowed values.

Patterns are run by polars with Rust's engine, whose time grows with the text alone, whatever the pattern is.
"""

from datetime import date

import polars as pl
from polars.exceptions import PolarsError

from maestro.lib.errors import Refused

NAMES = {                                          # the rules that fields of a type may have
    "text": ("shortest", "longest", "pattern", "hint", "allowed"),
    "number": ("lowest", "highest", "allowed"),
    "date": ("lowest", "highest"),
    "yesno": (), "choice": (), "choices": (),
}
PATTERN, MOST_ALLOWED = 500, 500                   # characters of a pattern, allowed values of a field
LONGEST_KEY = 200                                  # characters of a unique key: an index holds no long ones
KINDS = {"text": pl.String, "number": pl.Float64, "date": pl.Date}


def check(type, rules, read):
    """The rules of a field as they are stored; empty ones are left out.

    `read` turns the text of a value into the value, or raises Refused: bounds and allowed values must be values.
    """
    found = {name: rules[name] for name in NAMES[type] if rules.get(name) not in (None, "", [])}
    for name in ("lowest", "highest"):
        if name in found:
            found[name] = stored(read_rule(name, found[name], read))
    if "allowed" in found:
        found["allowed"] = [stored(read_rule("allowed", value, read)) for value in found["allowed"]]
        if len(found["allowed"]) > MOST_ALLOWED:
            raise Refused(f"At most {MOST_ALLOWED} values can be named. Make it a choice for more.", "allowed")
    check_order(found, "shortest", "longest")
    check_order(found, "lowest", "highest")
    if "pattern" in found:
        check_pattern(found["pattern"])
    return found


def of_key(type, rules):
    """The rules of a field that is its dataset's unique key: its texts are bounded, if not by the rules themselves."""
    if type != "text":
        return rules
    if (rules.get("longest") or 0) > LONGEST_KEY:
        raise Refused(f"A unique key has at most {LONGEST_KEY} characters.", "longest")
    return rules | {"longest": rules.get("longest") or LONGEST_KEY}


def read_rule(name, text, read):
    try:
        return read(str(text))
    except Refused as refusal:
        raise Refused(refusal.sentence, name) from None


def check_order(rules, low, high):
    if low in rules and high in rules and rules[low] > rules[high]:
        raise Refused("The upper bound is below the lower one.", high)


def check_pattern(pattern):
    """Refuse what the engine cannot read, by itself and as it is used."""
    if len(pattern) > PATTERN or not pattern.isprintable():
        raise Refused(f"A pattern has at most {PATTERN} visible characters.", "pattern")
    try:
        for text in (pattern, whole(pattern)):
            pl.Series([""]).str.contains(text)
    except PolarsError:
        raise Refused("This pattern cannot be read. Such as: [A-Z]{2}[0-9]+ for two capitals and digits. Looking ahead "
                      "or back and repeating what was found are not known here.", "pattern") from None


def whole(pattern):
    """The pattern for a whole value."""
    return rf"\A(?:{pattern})\z"


def stored(value):
    """A bound or an allowed value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def breaches(field, values):
    """Pairs of a mask over `values` (a typed series) and the sentence for those who break a rule."""
    found = TESTS[field.type](field.rules, values)
    return [(mask.fill_null(value=False), f"{field.label} {sentence}") for mask, sentence in found]


def obey(field, value):
    """Refuse a value that breaks a rule of its field."""
    if not field.rules or field.type not in KINDS or value is None:
        return
    for mask, sentence in breaches(field, pl.Series([value], dtype=KINDS[field.type])):
        if mask[0]:
            raise Refused(sentence, field.name)


def of_text(rules, values):
    if "shortest" in rules:
        yield values.str.len_chars() < rules["shortest"], f"needs at least {rules['shortest']} characters."
    if "longest" in rules:
        yield values.str.len_chars() > rules["longest"], f"has at most {rules['longest']} characters."
    if "pattern" in rules:
        yield ~values.str.contains(whole(rules["pattern"])), rules.get("hint") or "does not have the right form."
    if "allowed" in rules:
        yield ~values.is_in(rules["allowed"]), "must be one of the allowed values."


def of_number(rules, values):
    yield from of_range(rules, values, float, lambda bound: f"{bound:.15g}")
    if "allowed" in rules:
        yield ~values.is_in([float(value) for value in rules["allowed"]]), "must be one of the allowed values."


def of_date(rules, values):
    yield from of_range(rules, values, date.fromisoformat, str)


def of_range(rules, values, read, show):
    if "lowest" in rules:
        yield values < read(rules["lowest"]), f"must be {show(rules['lowest'])} or {words(rules)[0]}."
    if "highest" in rules:
        yield values > read(rules["highest"]), f"must be {show(rules['highest'])} or {words(rules)[1]}."


def words(rules):
    return ("later", "earlier") if isinstance(rules.get("lowest", rules.get("highest")), str) else ("more", "less")


def of_nothing(_rules, _values):
    return ()


TESTS = {"text": of_text, "number": of_number, "date": of_date, "yesno": of_nothing, "choice": of_nothing,
         "choices": of_nothing}
