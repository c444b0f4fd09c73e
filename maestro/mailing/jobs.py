"""Mail jobs as drafts: created, filled, copied. What is authorised cannot be changed any more."""

from sqlalchemy import func, select

from maestro import audit
from maestro.accounts import settings
from maestro.extensions import db
from maestro.lib import addresses, clock
from maestro.lib.errors import Refused, WrongState
from maestro.models import TRACKING, MailJob

COPIED = ("dataset_id", "list_id", "subject", "html", "text", "from_address", "from_name", "reply_to", "tracking", "zone")
OF_ACCOUNT = ("title",)                            # may change without making the test stale


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
    zone = settings.get("zone")
    owner = by if hasattr(by, "email") else None
    job = MailJob(code=next_code(zone), group_id=group.id, user_id=owner and owner.id, title=check_title(title), zone=zone)
    db.session.add(job)
    db.session.flush()
    audit.record("job.create", job, by, code=job.code)
    change(job, by, **content)
    return job


def check_title(title):
    title = title.strip()
    if not 1 <= len(title) <= 200 or not title.isprintable():
        raise Refused("A job needs a title of 1 to 200 characters.", "title")
    return title


def change(job, by, **content):
    """Change a draft. A change of content, sender or recipients makes its test delivery stale."""
    if job.phase != "open":
        raise WrongState("Only a draft can be changed. Revoke the authorisation first.")
    checked = {name: CHECKS.get(name, lambda value: value)(value) for name, value in content.items()}
    differing = {name: value for name, value in checked.items() if getattr(job, name) != value}
    for name, value in differing.items():
        setattr(job, name, value)
    if differing.keys() - set(OF_ACCOUNT):
        job.version += 1
    if differing:
        audit.record("job.change", job, by, parts=sorted(differing))
    db.session.flush()


def check_sender(text):
    return addresses.judge(text).given if text.strip() else ""


def check_tracking(word):
    if word not in TRACKING:
        raise Refused(f"Tracking is one of {', '.join(TRACKING)}.", "tracking")
    return word


def check_line(text):
    if len(text) > 400 or any(ord(letter) < 32 for letter in text):
        raise Refused("This is one line of at most 400 characters.", "subject")
    return text.strip()


CHECKS = {"title": check_title, "from_address": check_sender, "reply_to": check_sender, "tracking": check_tracking,
          "subject": check_line, "from_name": check_line}


def copy(job, by):
    """A new draft with the same recipients, content and sender."""
    content = {name: getattr(job, name) for name in COPIED}
    return create(job.dataset.group if job.dataset else by.group, f"Copy of {job.title}"[:200], by, **content)


def remove(job, by):
    """Delete a draft that never started."""
    if job.phase != "open" or job.started_at:
        raise WrongState("Only a draft that never started can be deleted.")
    audit.record("job.remove", job, by, code=job.code)
    db.session.delete(job)


STAGES = {"open": ("open",), "completed": ("done", "closed_failed"),
          "ongoing": ("authorised", "launching", "sending", "paused", "stopping", "finishing", "failed")}


def staged(visible, stage, search=""):
    """The jobs of one stage among those that `visible` (a select) shows, latest first."""
    found = visible.where(MailJob.phase.in_(STAGES[stage]), MailJob.archived_at.is_(None))
    for word in search.split()[:5]:
        found = found.where(MailJob.title.icontains(word, autoescape=True) | MailJob.code.icontains(word, autoescape=True))
    return db.session.scalars(found.order_by(MailJob.id.desc())).all()


def by_stage(visible):
    """How many jobs each stage has."""
    ids = visible.with_only_columns(MailJob.id, MailJob.phase).where(MailJob.archived_at.is_(None)).subquery()
    rows = dict(db.session.execute(select(ids.c.phase, func.count()).group_by(ids.c.phase)).all())
    return {stage: sum(rows.get(phase, 0) for phase in phases) for stage, phases in STAGES.items()}
