"""The words in which pages speak of imports."""

from maestro.exchange import imports
from maestro.lib.wording import number, plural

MODES = {
    "add-update": "Add new people and update the others",
    "add": "Add new people only; the others stay as they are",
    "update": "Update people who are there; nobody is added",
    "synchronise": "Make it equal to the source: add, update, and take off who is missing",
    "remove": "Take the people in the source off",
}
STATES = {                                         # state: (word, tone)
    "draft": ("Draft", "draft"), "queued": ("Waiting", "scheduled"), "fetching": ("Reading", "sending"),
    "checking": ("Checking", "sending"), "staged": ("Checked", "scheduled"),
    "needs_review": ("Waits for you", "paused"), "applying": ("Importing", "sending"), "done": ("Done", "done"),
    "failed": ("Failed", "failed"), "cancelled": ("Cancelled", "draft"), "undoing": ("Undoing", "sending"),
    "undone": ("Undone", "draft"),
}
IMPORTER_STATES = {"incomplete": ("Incomplete", "draft"), "enabled": ("Enabled", "done"),
                   "disabled": ("Disabled", "paused")}
SOURCES = {"database": "Database", "ldap": "Directory", "upload": "Uploaded file", "server": "File on the server",
           "post": "Body of a call"}
LISTS = {"added": "Added", "changed": "Changed", "removed": "Removed", "protected": "Protected", "rejected": "Rejected"}
HEADS = {"address": "Address", "field": "Field", "old": "Old value", "new": "New value", "row": "Row",
         "column": "Column", "value": "Value", "reason": "Why"}
TILES = (                                          # count, before, afterwards, what it means, tone
    ("added", "will be added", "were added", "new addresses", "good"),
    ("changed", "will change", "changed", "other values than before", "info"),
    ("unchanged", "stay as they are", "stayed as they were", "nothing new in the file", "quiet"),
    ("removed", "will be removed", "were removed", "taken off", "warn"),
    ("protected", "are protected", "are protected", "left or suppressed: never put back", "quiet"),
    ("rejected", "are rejected", "were rejected", "in error, or there twice", "bad"),
)
STEPS = ("File", "Preview", "Fields and rules", "Check", "Done")


def target(run):
    """Where an import goes to, by name."""
    return f"{run.list.name} in {run.dataset.name}" if run.list else run.dataset.name


def result(run):
    """What an import did or would do, in a line."""
    said = [(run.counts.get(kind), word.lower()) for kind, word in LISTS.items()]
    return ", ".join(f"{number(count)} {word}" for count, word in said if count) or ("No changes" if run.counts else "")


def changes(run):
    return sum(run.counts.get(kind, 0) for kind in ("added", "changed", "removed"))


def progress(run):
    """The line below the bar of a running import."""
    done, total = imports.progress(run)
    if run.state == "fetching":
        return f"{number(done)} of about {plural(total, 'row', 'rows')} read" if total else "The file is opened."
    if run.state == "applying":
        return f"{number(done)} of {plural(total, 'change is', 'changes are')} in"
    if run.state == "undoing":
        return f"{plural(done, 'change is', 'changes are')} taken back"
    if run.state == "checking":
        return f"{plural(run.total, 'row', 'rows')} are compared with the people who are there."
    return "It starts in a moment."
