"""What must be right before a job may be authorised, as a list that the page shows and the verb obeys."""

from typing import NamedTuple

from maestro.accounts import settings
from maestro.lib.errors import Refused
from maestro.lib.wording import plural
from maestro.mailing import audience, compose, funnel


class Item(NamedTuple):
    """One line of the checklist. `state`: good, warn (may be sent all the same) or bad (keeps it from going out)."""

    state: str
    sentence: str
    field: str                                     # the input that it is about; also says which step that is on


def checklist(job, counted=None):
    """Every check of a job, in the order of its steps. `counted` saves counting the audience again."""
    return [*content(job), sender(job), *recipients(job, counted), *tested(job)]


def recipients(job, counted=None):
    if not job.dataset_id:
        return [Item("bad", "No recipients are chosen yet.", "place")]
    if problem := audience.importer_problem(job):
        return [Item("bad", problem, "place")]
    people = (counted or funnel.count(job)).audience
    if not people:
        return [Item("bad", "Nobody would get this: there is no confirmed person to send to.", "place")]
    return [Item("good", f"{plural(people, 'person', 'people')} will get it.", "place")]


def content(job):
    if not job.subject:
        return [Item("bad", "The subject is empty.", "subject")]
    if not (job.html.strip() or job.text.strip()):
        return [Item("bad", "The message is empty.", "html")]
    found = compose.examine(job)
    bad = [Item("bad", located(error), error.field or "html") for error in found.errors]
    warn = [Item("warn", sentence, "html") for sentence in found.warnings]
    if bad:
        return bad + warn
    links = plural(len(found.links), "link is", "links are")
    tracked = f"{links} tracked" if job.tracking != "none" else "nothing is tracked"
    return [Item("good", f"The content is in order; {tracked}.", "html"), *warn]


PARTS = {"subject": "Subject", "html": "HTML", "text": "Text part"}


def located(error):
    """An error of the content language with the place where it is."""
    if not error.line:
        return error.sentence
    return f"{PARTS.get(error.field, error.field)}, line {error.line}, column {error.column}: {error.sentence}"


def sender(job):
    if not job.from_address:
        return Item("bad", "The sender's address is missing.", "from_address")
    return Item("good", f"The sender is {job.from_address}.", "from_address")


def tested(job):
    if job.accepted_version == job.version:
        return [Item("good", "A test delivery was accepted.", "test")]
    rule = settings.get("test_required")
    if rule == "off":
        return []
    state = "bad" if rule == "required" else "warn"
    if job.tested_version == job.version:
        return [Item(state, "A test was sent. Look at it and accept it.", "test")]
    stale = "The job changed after the last test. " if job.tested_version else ""
    return [Item(state, f"{stale}Send a test delivery, look at it and accept it.", "test")]


def require(job):
    """Refuse with the first thing that keeps the job from being authorised."""
    for item in checklist(job):
        if item.state == "bad":
            raise Refused(item.sentence, item.field)
