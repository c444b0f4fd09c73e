"""What must be right before a job may be authorised, as a list that the page shows and the verb obeys."""

from typing import NamedTuple

from maestro.accounts import settings
from maestro.lib.errors import Refused
from maestro.mailing import audience, compose


class Item(NamedTuple):
    """One line of the checklist. `state`: good, warn (may be sent all the same) or bad (keeps the job from going out)."""

    state: str
    sentence: str
    field: str | None = None


def checklist(job):
    """Every check of a job, in the order of its steps."""
    return [*recipients(job), *content(job), sender(job), *tested(job)]


def recipients(job):
    if not job.dataset_id:
        return [Item("bad", "No recipients are chosen yet.", "list")]
    count = audience.funnel(job)["audience"]
    if not count:
        return [Item("bad", "Nobody would get this: there is no confirmed person to send to.", "list")]
    return [Item("good", f"{count:,} {'person' if count == 1 else 'people'} will get it.")]


def content(job):
    if not job.subject:
        return [Item("bad", "The subject is empty.", "subject")]
    if not (job.html or job.text):
        return [Item("bad", "The message is empty.", "html")]
    found = compose.examine(job)
    bad = [Item("bad", f"{error.sentence}", error.field) for error in found.errors]
    warn = [Item("warn", sentence, "html") for sentence in found.warnings]
    return bad + warn or [Item("good", f"The content is in order, {len(found.links)} links are tracked.")]


def sender(job):
    if not job.from_address:
        return Item("bad", "The sender's address is missing.", "from")
    return Item("good", f"The sender is {job.from_address}.")


def tested(job):
    if job.accepted_version == job.version:
        return [Item("good", "The test delivery was accepted.")]
    rule = settings.get("test_required")
    if rule == "off":
        return []
    state = "bad" if rule == "required" else "warn"
    if job.tested_version == job.version:
        return [Item(state, "A test was sent. Look at it and accept it.", "test")]
    stale = "The content changed after the last test. " if job.tested_version else ""
    return [Item(state, f"{stale}Send a test delivery, look at it and accept it.", "test")]


def require(job):
    """Refuse with the first thing that keeps the job from being authorised."""
    for item in checklist(job):
        if item.state == "bad":
            raise Refused(item.sentence, item.field)
