"""The form of a target group, and the condition inside it: read from its inputs, and changed by one button each.

The inputs are named by their place: `n` is the outermost group, `n.0` its first part, `n.0.field` what that asks about.
"""

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from maestro.lib import whole
from maestro.warehouse import questions

ROOT = "n"
SEGMENT = "segment:"                               # begins the choice of a segment among the fields
EVERYBODY = {"join": "all", "parts": []}


class SegmentForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=120)])


class TargetForm(SegmentForm):
    description = TextAreaField("Description", [InputRequired("Say in a sentence whom it means."), Length(max=2000)],
                                description="Others choose it by that.")
    category = StringField("Category", [Length(max=120)], description="Target groups are sorted by it.")
    enabled = BooleanField("In use", default=True, description="Without the tick nobody can choose it for a new job.")


def read(form, types, path=ROOT):
    """The condition that the inputs hold. What does not fit its field any more is made to fit."""
    if f"{path}.join" in form:
        size = min(form.get(f"{path}.size", 0, int), questions.PARTS) if path.count(".") < questions.DEPTH else 0
        join = form[f"{path}.join"]
        parts = [read(form, types, f"{path}.{number}") for number in range(size)]
        return {"join": join if join in questions.JOINS else "all", "parts": [part for part in parts if part]}
    name = form.get(f"{path}.field", "")
    if name.startswith(SEGMENT) and (number := whole.number(name.removeprefix(SEGMENT))) is not None:
        return {"segment": number}
    return fitted(name, form.get(f"{path}.word"), form.getlist(f"{path}.given"), form.get(f"{path}.ask", ""), types)


def fitted(name, word, given, ask, types):
    """A question with a word that its field knows, and a value of the right shape."""
    if name not in types:
        return None
    words = questions.WORDS[types[name]]
    word = word if word in words else next(iter(words))
    takes = questions.takes(word, types[name])
    if takes == "values" and types[name] not in ("choice", "choices"):
        given = [text.strip() for piece in given for text in piece.split(",") if text.strip()]
    found = {"field": name, "word": word, "given": given if takes == "values" else next(iter(given), "")}
    found |= {"given": None} if takes == "nothing" else {}
    return found | ({"ask": ask.strip()[:120]} if ask.strip() and takes != "nothing" else {})


def place(condition, path):
    """The part at a place, and the group around it with its number there; None where the place is gone."""
    around, number, here = None, 0, condition
    for step in path.split(".")[1:]:
        number = whole.number(step)
        if "join" not in here or number is None or number >= len(here["parts"]):
            return None, None, 0
        around, here = here, here["parts"][number]
    return here, around, number


def change(condition, deed, types):
    """Do what a button says ("add:n.0", "group:n", "drop:n.0.1"); returns the place that is worked on next."""
    verb, _, path = deed.partition(":")
    here, around, number = place(condition, path)
    if here is None:
        return None
    if verb == "drop" and around:
        del around["parts"][number]
        return path.rpartition(".")[0]
    if verb in ("add", "group") and "join" in here and len(questions.parts(condition)) < questions.PARTS:
        first = fitted(next(iter(types)), None, [], "", types)
        here["parts"].append(first if verb == "add" else {"join": "any", "parts": [first]})
        return f"{path}.{len(here['parts']) - 1}" + (".0" if verb == "group" else "")
    return None
