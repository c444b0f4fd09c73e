"""A job's message: its sources and settings put together for the content language."""

from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import current_app

from maestro.accounts import settings
from maestro.content.message import Delivery, Parts, Settings, check, compile_message
from maestro.lib import clock
from maestro.warehouse import fields

WHOLE_DATASET = 1 << 63                            # an unsubscribe token's id: of a member, not of a subscription
OPENS = {"blind", "anonymous", "unique", "permission", "personal"}
CLICKS = OPENS


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
    host = urlsplit(config.public_url).hostname
    return Settings(
        fields=types(job), from_address=job.from_address, from_name=job.from_name, reply_to=job.reply_to,
        public_url=config.public_url, job_code=job.code, job_number=job.id, group_number=job.group_id,
        list_number=job.list_id or 0, list_name=(job.list or job.dataset).name if job.dataset else job.title,
        list_slug=job.list.slug if job.list else f"dataset-{job.dataset_id}", list_host=host,
        postal_address=f"{settings.get('organisation')}, {settings.get('address')}", sender_id=settings.get("sender_id"),
        today=clock.today(settings.get("zone")), opens=job.tracking in OPENS, clicks=job.tracking in CLICKS,
        to_list=True)


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
    return {"address": row["address"], **{name: row[name] for name in types(job) if name != "address"}}


def moment(job):
    """The Date of every message of a job: when it started, so that a second attempt is the same message."""
    return format_datetime(job.started_at or clock.now()).encode()


def unsubscribing(job, member_id, subscription_id, epoch=0):
    """The id and epoch that an unsubscribe link of this job carries for a person."""
    if subscription_id:
        return subscription_id, epoch
    return WHOLE_DATASET | job.dataset_id << 40 | member_id, epoch


def as_person(job, row, number=0, subscription_id=None, reader=0):
    """What the message says of one recipient. Number 0: a test or a preview, whose links lead nowhere."""
    return Delivery(
        address=row["address"], number=number, date=moment(job), job=job.id if number else 0, reader=reader,
        unsubscribe=unsubscribing(job, row["id"], subscription_id, row["epoch"]) if number else (0, 0),
        profile=(row["id"], row["epoch"]))
