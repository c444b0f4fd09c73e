"""Conditions as they are built by clicking and stored: a tree of groups and questions in JSON.

A group is {"join": "all" | "any" | "none", "parts": [...]}, a question {"field", "word", "given", "ask"}, a reference
to a segment {"segment": id}. `given` is text, or a list of texts; `ask` is the label under which whoever uses the
condition may give another value. {} stands for everybody.
"""

from datetime import date

from maestro.lib import operators, whole
from maestro.lib.errors import Refused
from maestro.lib.trees import And, Not, Or, Question

DEPTH, PARTS = 8, 100                              # groups inside each other, parts of a condition in all
LONGEST = 1000                                     # characters of a value
JOINS = {"all": "All of these", "any": "Any of these", "none": "None of these"}
DAYS = ("daysago", "daysahead")

COMPARED = {"=": "is", "!=": "is not"}
ORDERED = {"<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"}
EMPTY = {"isempty": "is empty", "!isempty": "is not empty"}
LETTERS = {"contains": "contains", "!contains": "does not contain", "startswith": "begins with",
           "endswith": "ends with"}
SEVERAL = {"in": "is one of", "!in": "is none of"}
WORDS = {                                          # by type: {word: how it reads}; "!" turns a word round
    "text": COMPARED | LETTERS | SEVERAL | EMPTY,
    "number": COMPARED | ORDERED | EMPTY,
    "yesno": {"=": "is"} | EMPTY,
    "choice": COMPARED | SEVERAL | EMPTY,
    "choices": {"contains": "contains", "!contains": "does not contain", "in": "contains one of"} | EMPTY,
    "date": {"=": "is", "<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after",
             "istoday": "is today", "isthisweek": "is this week", "isthismonth": "is this month",
             "daysago<=": "is in the last days, at most", "daysago>": "is longer ago, in days, than",
             "daysago=": "is days ago, exactly", "daysahead<=": "is in the next days, at most",
             "daysahead=": "is days ahead, exactly", "birthdaytoday": "has its birthday today",
             "birthdaythismonth": "has its birthday this month"} | EMPTY,
}


def takes(word, type):
    """What a word asks for: nothing, value, values, days."""
    plain = word.removeprefix("!")
    return "days" if plain.startswith(DAYS) else operators.find(plain, type).takes


def parts(condition):
    """Everything in it that is no group."""
    if "join" not in condition:
        return [condition] if condition else []
    return [found for part in condition["parts"] for found in parts(part)]


def names(condition):
    """The fields that it asks about, segments aside."""
    return {part["field"] for part in parts(condition) if "field" in part}


def segments(condition):
    """The numbers of the segments that it refers to."""
    return {part["segment"] for part in parts(condition) if "segment" in part}


def asked(condition):
    """The questions whose values may be given anew, by label."""
    return {part["ask"]: part for part in parts(condition) if part.get("ask")}


def tree(condition, types, values, segment, depth=0):
    """The tree of lib.trees, None for everybody. `types` maps fields to types, `values` labels to what is given there.

    `segment(id)` answers with a segment's condition. Raises Refused, naming what cannot be asked.
    """
    if depth > DEPTH:
        raise Refused(f"Conditions can be nested at most {DEPTH} deep.", "condition")
    if "segment" in condition:
        return tree(segment(condition["segment"]), types, {}, segment, depth + 1)
    if "field" in condition:
        return question(condition, types, values)
    found = [tree(part, types, values, segment, depth + 1) for part in condition.get("parts", ())]
    found = [part for part in found if part is not None]
    if not found:
        return None
    if condition["join"] == "none":
        return Not(Or(tuple(found)))
    return found[0] if len(found) == 1 else (And if condition["join"] == "all" else Or)(tuple(found))


def question(condition, types, values):
    name, word = condition["field"], condition["word"]
    type = types.get(name)
    if not type:
        raise Refused(f"There is no field “{name}” any more.", "condition")
    if word not in WORDS[type]:
        raise Refused(f"{name}: this cannot be asked of its type.", "condition")
    given = values.get(condition.get("ask"), condition.get("given"))
    plain = word.removeprefix("!")
    asks = takes(word, type)
    if asks == "days":
        sign = plain.removeprefix("daysago").removeprefix("daysahead")
        found = Question(name, type, plain.removesuffix(sign), (sign, days(name, given)))
    elif asks == "values":
        found = Question(name, type, plain, tuple(value(name, type, text) for text in several(name, given)))
    else:
        found = Question(name, type, plain, None if asks == "nothing" else value(name, type, given))
    return Not(found) if word.startswith("!") and plain != "=" else renamed(found, word)


def renamed(found, word):
    """"is not" is a word of its own: what is empty is not York either."""
    return Question(found.name, found.type, "<>", found.given) if word == "!=" else found


def days(name, text):
    found = whole.number(text, 5) if isinstance(text, str) else None
    if found is None:
        raise Refused(f"{name}: give a whole number of days.", "condition")
    return found


def several(name, texts):
    found = [text for text in ([texts] if isinstance(texts, str) else texts or []) if text.strip()]
    if not found or len(found) > PARTS:
        raise Refused(f"{name}: name 1 to {PARTS} values.", "condition")
    return found


def value(name, type, text):
    """A typed value; Refused says what would be one."""
    text = text[0] if isinstance(text, list) and text else text
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or "\0" in text:
        raise Refused(f"{name}: a value is missing.", "condition")
    try:
        return READ[type](text.strip())
    except (KeyError, ValueError):
        raise Refused(f"{name}: “{text[:40]}” is no {KINDS[type]}.", "condition") from None


def number(text):
    found = float(text)
    if abs(found) > 2**53:
        raise ValueError(text)
    return found


READ = {"text": str, "choice": str, "choices": str, "number": number, "date": date.fromisoformat,
        "yesno": {"T": True, "F": False}.__getitem__}
KINDS = {"number": "number", "date": "date", "yesno": "answer, yes or no"}


def said(condition, labels, segment_names=None):
    """The condition in words. `labels` maps fields to (label, type)."""
    if "segment" in condition:
        return f"in the segment “{(segment_names or {}).get(condition['segment'], '?')}”"
    if "field" in condition:
        return said_question(condition, labels)
    told = [said(part, labels, segment_names) for part in condition.get("parts", ())]
    told = [f"({part})" if " and " in part or " or " in part else part for part in told if part]
    if not told:
        return ""
    if condition["join"] == "none":
        return f"not {told[0]}" if len(told) == 1 else f"none of: {', '.join(told)}"
    return (" and " if condition["join"] == "all" else " or ").join(told)


def said_question(condition, labels):
    label, type = labels.get(condition["field"], (condition["field"], "text"))
    word, given = condition["word"], condition.get("given")
    text = ", ".join(given) if isinstance(given, list) else given or ""
    text = {"T": "yes", "F": "no"}.get(text, text) if type == "yesno" else text
    reads = WORDS[type].get(word, word)
    with_value = word in WORDS[type] and takes(word, type) != "nothing"
    return f"{label} {reads} {text}".strip() if with_value else f"{label} {reads}"
