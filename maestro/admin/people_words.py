"""What the states, ways and deeds around people are called on the pages."""

from maestro.warehouse import fields

STATES = {                                         # state: word, tone of its pill
    "confirmed": ("Confirmed", "done"),
    "unconfirmed": ("Waiting for confirmation", "scheduled"),
    "left": ("Left", "draft"),
    "suppressed": ("Suppressed", "failed"),
}
HOW = {"user": "added by a user", "importer": "came with an import", "form": "signed up on the web",
       "api": "added by a script", "undo": "came back at once after leaving"}
LEFT_BY = {"self": "left by themselves", "user": "taken off by a user", "importer": "taken off by an import",
           "bounce": "taken off after bounces", "complaint": "taken off after a complaint",
           "api": "taken off by a script", "erasure": "erased",
           "objection": "taken off, and wants no more"}
CAUSES = {"self": "The person", "user": "A user", "importer": "An import", "bounce": "Bounces",
          "complaint": "A complaint", "api": "A script", "erasure": "An erasure"}
CODES = {"ADD": "Joined", "DEL": "Left", "UPD": "Fields changed", "CHG": "New address", "CON": "Consent stored"}
TYPES = {"text": "Text", "number": "Number", "date": "Date", "yesno": "Yes or no", "choice": "One choice",
         "choices": "Several choices"}
CONTROLS = {"line": "One line", "area": "Several lines", "radio": "Buttons to choose from", "box": "A box to tick",
            "menu": "A menu", "boxes": "Boxes to tick"}
SHOWN = {"no": "Not shown", "view": "Shown, not changed", "edit": "Shown, may be changed"}
TRACKING = {
    "none": "None", "blind": "Totals only", "anonymous": "Anonymous", "unique": "Each person once, without names",
    "permission": "By person, with permission", "personal": "By person"}

WORKED = {"retype": "changed to another type", "derive": "computed", "rederive": "computed anew"}


def kind(field):
    """What a field is, in a word or two."""
    if field.consent:
        return "Consent"
    return f"{TYPES[field.type]}, computed" if field.formula else TYPES[field.type]


def told(value):
    """A value of the change log as a page shows it."""
    if value is None:
        return "empty"
    return ("no", "yes")[value] if isinstance(value, bool) else value


def cell(field, value):
    """A value as a page shows it."""
    if field.type == "yesno" and value is not None:
        return "Yes" if value else "No"
    if field.type == "choices":
        return (value or "").replace(",", ", ")
    return fields.show(field, value)
