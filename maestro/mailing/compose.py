"""A job's message: its sources and settings put together for the content language."""

from dataclasses import replace
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select

from maestro.accounts import settings
from maestro.content.message import Delivery, Parts, Settings, check, compile_message
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Link
from maestro.warehouse import fields, naming, sites

WHOLE_DATASET = 1 << 63                            # an unsubscribe token's id: of a member, not of a subscription
MEMBER_BITS = 40                                   # in such an id the member's number, above it the dataset's


def sources(job):
    return Parts(subject=job.subject, html=job.html, text=job.text)


def types(job):
    """The merge fields of a job, by name: the fields of its list or dataset, and the address."""
    if not job.dataset:
        return {"address": "text"}
    return {"address": "text", **{field.name: field.type for field in fields.of(job.dataset, job.list)}}


def frame(job):
    """All that the message needs to know besides its sources."""
    config = current_app.extensions["maestro"]
    tracked = job.tracking != "none"
    return Settings(
        fields=types(job), from_address=job.from_address, from_name=job.from_name, reply_to=job.reply_to,
        public_url=config.public_url, job_code=job.code, job_number=job.id, group_number=job.group_id,
        list_number=job.list_id or 0, list_name=(job.list or job.dataset).name if job.dataset else job.title,
        list_slug=job.list.slug if job.list else f"dataset-{job.dataset_id}",
        list_host=urlsplit(config.public_url).hostname,
        postal_address=postal(), sender_id=settings.get("sender_id"), today=day(job),
        opens=tracked, clicks=tracked, to_list=True, links_before=links_before(job), subscribe_url=subscribing(job))


def subscribing(job):
    """Where {{*SubscribeURL}} leads: the sign-up page of the job's dataset, with its list chosen."""
    config = current_app.extensions["maestro"]
    site = sites.of(job.dataset) if job.dataset else None
    if not site:
        return f"{config.public_url}/"
    return f"{config.public_url}/s/{site.key}/subscribe" + (f"?list={job.list.key}" if job.list else "")


def links_before(job):
    """How many links an earlier launch of this job has in its mails; the numbers of new ones follow."""
    if not job.started_at:
        return 0
    earlier = [Link.job_id == job.id] + ([Link.created_at < job.started_at] if job.phase != "open" else [])
    return db.session.scalar(select(func.coalesce(func.max(Link.number), 0)).where(*earlier))


def day(job):
    """The day by which dates are judged: all of a mailing's recipients have the day on which it started."""
    at = job.started_at if job.phase != "open" else None
    return clock.local(at or clock.now(), job.zone).date()


def postal():
    """Who sends this and from where, in one line."""
    lines = [settings.get("organisation"), *settings.get("address").splitlines()]
    return ", ".join(line.strip(" ,") for line in lines if line.strip(" ,"))


def untracked(job):
    """The frame of a message that is only looked at: its links lead straight to where they point."""
    return replace(frame(job), opens=False, clicks=False)


def examine(job):
    """What keeps the message from being sent, and what is doubtful: content.message.Check."""
    return check(sources(job), frame(job))


def compiled(job):
    """The compiled message of this version of the job, ready to render. Raises the first MergeError."""
    return compile_message(sources(job), frame(job), maker())


def maker():
    return current_app.extensions["tokens"]


def values(job, row):
    """The merge values of a person's row, by field name."""
    return {name: row[name] for name in types(job)}


def moment(job):
    """The Date of every message of a job: when it started, so that a second attempt is the same message."""
    return format_datetime(job.started_at or clock.now()).encode()


def unsubscribing(job, member_id, subscription_id):
    """The id that an unsubscribe link of this job carries for a person."""
    return subscription_id or WHOLE_DATASET | job.dataset_id << MEMBER_BITS | member_id


def profile(job, member_id):
    """The id that a profile link of this job carries for a person."""
    return job.dataset_id << MEMBER_BITS | member_id


def shown_to(job, row):
    """The delivery of a message that is only looked at: its links change nothing."""
    return Delivery(address=row["address"], name=called(job, row), number=0, date=moment(job))


def called(job, row):
    """What the person in `row` is called in the head of the mail."""
    return naming.of(job.dataset, row) if job.dataset else ""


def sent_to(job, row, number, subscription_id):
    """The delivery of one line of the ledger, once more."""
    epoch = row["epoch"]
    return Delivery(address=row["address"], name=called(job, row), number=number, date=moment(job), job=job.id,
                    unsubscribe=(unsubscribing(job, row["id"], subscription_id), epoch),
                    profile=(profile(job, row["id"]), epoch))
