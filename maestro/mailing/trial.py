"""Test deliveries: the real message to a few addresses, as one of the recipients would see it."""

from dataclasses import replace

from maestro import audit
from maestro.content.message import compile_message
from maestro.delivery import post
from maestro.extensions import db
from maestro.lib import addresses
from maestro.lib.errors import Refused, WrongState
from maestro.mailing import audience, compose

MOST = 10


def send(job, to, by, member_id=None):
    """Send a test to `to` (addresses), merged with one person's values. Links that would change anything lead nowhere."""
    if job.phase != "open":
        raise WrongState("Only a draft is tested. Revoke the authorisation first.")
    if not 1 <= len(to) <= MOST:
        raise Refused(f"Give 1 to {MOST} addresses.", "to")
    judged = [addresses.judge(address) for address in to]
    found = compose.examine(job)
    if found.errors:
        raise Refused(found.errors[0].sentence, found.errors[0].field)
    if not job.from_address:
        raise Refused("The sender's address is missing.", "from")
    row = stand_in(job, member_id)
    message = compile_message(marked(job), compose.frame(job), compose.maker())
    for address in judged:
        person = replace(compose.as_person(job, row), address=address.given)
        raw = message.render(compose.values(job, row), person)
        post.queue(job.group_id, "test", address.given, job.from_address, raw)
    job.tested_version = job.version
    audit.record("job.test", job, by, addresses=len(judged))
    db.session.flush()


def marked(job):
    """The sources with [Test] before the subject."""
    return replace(compose.sources(job), subject=f"[Test] {job.subject}")


def stand_in(job, member_id):
    """The chosen person, or the first of the audience, or somebody without any values."""
    row = member_id and audience.person(job, member_id)
    found = [row] if row else audience.sample(job, limit=1) if job.dataset_id else []
    return found[0] if found else {"id": 0, "epoch": 0, "address": "", **dict.fromkeys(compose.types(job))}


def accept(job, by):
    """A person looked at the test and found it good: this version may be authorised."""
    if job.tested_version != job.version:
        raise WrongState("There is no test of this version yet. Send one first.")
    job.accepted_version = job.version
    audit.record("job.accept_test", job, by)
