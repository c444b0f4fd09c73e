"""Mail jobs as drafts: created, filled, copied, put away. What is authorised cannot be changed any more."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from maestro import audit
from maestro.accounts import settings
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import NotNow, Refused, WrongState
from maestro.mailing import journal
from maestro.models import TRACKING, Group, MailJob

COPIED = ("dataset_id", "list_id", "target_id", "target_values", "importer_id", "subject", "html", "text",
          "from_address", "from_name", "reply_to", "tracking", "zone")
OF_ACCOUNT = ("title", "delivery", "due_at", "zone")       # may change without making the test stale
TRIES = 5                                                  # of two jobs made at once, one takes the next letter
LONGEST = 1_000_000                                        # characters of one part of a message


class Stale(WrongState):
    """Somebody else changed the job after this user had loaded it."""


def letters(number):
    """The letters of a day's job: 0 is A, 25 Z, 26 AA, 27 AB, 52 BA."""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def next_code(zone):
    """The Job ID that comes next today: YYMMDD and letters."""
    day = f"{clock.today(zone):%y%m%d}"
    codes = db.session.scalars(select(MailJob.code).where(MailJob.code.startswith(day))).all()
    taken = {code[6:] for code in codes}
    return day + next(word for word in map(letters, range(len(taken) + 1)) if word not in taken)


def create(group, title, by, **content):
    """A new draft. `content` may hold any of COPIED."""
    owner = by.id if hasattr(by, "email") else None
    title, zone = check_title(title), settings.get("zone")
    job = numbered(lambda: MailJob(code=next_code(zone), group_id=group.id, user_id=owner, title=title, zone=zone))
    audit.record("job.create", job, by, code=job.code)
    journal.note(job, "create", by)
    change(job, by, **content)
    return job


def numbered(make):
    """Store what `make` makes, again with the next Job ID when somebody has just taken this one."""
    for _ in range(TRIES):
        job = make()
        try:
            with db.session.begin_nested():
                db.session.add(job)
            return job
        except IntegrityError:
            continue
    raise NotNow("Many jobs are being made at this moment. Try again.")


def lock(job, version=None):
    """Hold a draft as it is now until our transaction ends. Refused when it is none, or not `version` any more."""
    db.session.execute(select(MailJob.id).where(MailJob.id == job.id).with_for_update())
    db.session.refresh(job)
    if job.phase != "open":
        raise WrongState("Only a draft can be changed. Revoke the authorisation first.")
    if version is not None and job.version != version:
        raise Stale("Somebody else changed this job while you were writing.")


def change(job, by, version=None, **content):
    """Change a draft, if it is still the `version` that the user saw.

    A change of content, sender or recipients raises the version, which makes the test delivery stale.
    """
    lock(job, version)
    checked = {name: CHECKS[name](value) if name in CHECKS else value for name, value in content.items()}
    differing = {name: value for name, value in checked.items() if getattr(job, name) != value}
    for name, value in differing.items():
        setattr(job, name, value)
    if differing.keys() - set(OF_ACCOUNT):
        job.version += 1
    if differing:
        audit.record("job.change", job, by, parts=sorted(differing))
        journal.note(job, "change", by)
    db.session.flush()
    db.session.expire(job, ["dataset", "list", "target"])      # which other recipients may have replaced


def plan(job, delivery, by, at=None, zone=None):
    """Set when a draft shall start, without authorising it: `now`, `at` a moment, or when `triggered`."""
    if delivery == "at" and at <= clock.now():
        raise Refused("This time is over already. Choose a later one.", "at")
    change(job, by, delivery=delivery, due_at=at if delivery == "at" else None, zone=zone or job.zone)


def check_title(title):
    title = title.strip()
    if not 1 <= len(title) <= 200 or not title.isprintable():
        raise Refused("A job needs a title of 1 to 200 characters.", "title")
    return title


def check_tracking(word):
    if word not in TRACKING:
        raise Refused(f"Tracking is one of {', '.join(TRACKING)}.", "tracking")
    return word


def address(field):
    """A check of an address that may be missing; its refusal names `field`."""
    def check(text):
        try:
            return addresses.judge(text).given if text.strip() else ""
        except Refused as refusal:
            raise Refused(refusal.sentence, field) from None
    return check


def line(field, most):
    """A check of one line of text; its refusal names `field`."""
    def check(text):
        if len(text) > most or any(ord(letter) < 32 for letter in text):
            raise Refused(f"This is one line of at most {most} characters.", field)
        return text.strip()
    return check


def body(field):
    """A check of a part of the message; its refusal names `field`. Browsers send CRLF, and a line ends with LF here."""
    def check(text):
        if len(text) > LONGEST:
            raise Refused(f"A part of a message has at most {LONGEST:,} characters; this has {len(text):,}.", field)
        if "\0" in text:
            raise Refused("There is a null character in the text. Take it out.", field)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return check


CHECKS = {"title": check_title, "tracking": check_tracking, "from_address": address("from_address"),
          "reply_to": address("reply_to"), "from_name": line("from_name", 120), "subject": line("subject", 400),
          "html": body("html"), "text": body("text")}


def copy(job, by):
    """A new draft with the same recipients, content and sender."""
    content = {name: getattr(job, name) for name in COPIED}
    return create(db.session.get(Group, job.group_id), f"Copy of {job.title}"[:200], by, **content)
