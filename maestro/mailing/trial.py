"""Test deliveries: the real message to a few addresses, as one of the recipients would see it."""

from dataclasses import replace

from maestro import audit
from maestro.content.message import compile_message
from maestro.delivery import post
from maestro.extensions import db
from maestro.lib import addresses
from maestro.lib.errors import Refused
from maestro.mailing import audience, compose, jobs, journal, preflight

MOST = 10                                          # addresses of one test


def send(job, to, by, member_id=None):
    """Send a test to `to` (addresses), merged with one person's values. Its links count nothing and change nothing."""
    jobs.lock(job)
    judged = check(to)
    if not job.from_address:
        raise Refused("The sender's address is missing.", "from_address")
    if errors := compose.examine(job).errors:
        raise Refused(preflight.located(errors[0]), errors[0].field)
    row = audience.stand_in(job, member_id)
    message = compile_message(marked(job), compose.untracked(job), compose.maker())
    for address in judged:
        raw = message.render(compose.values(job, row), replace(compose.shown_to(job, row), address=address.given))
        post.queue(job.group_id, "test", address.given, job.from_address, raw)
    job.tested_version = job.version
    journal.note(job, "test", by)
    audit.record("job.test", job, by, addresses=len(judged))
    db.session.flush()


def check(to):
    """The judged addresses, each once. One that is wrong is named."""
    if not 1 <= len(to) <= MOST:
        raise Refused(f"Give 1 to {MOST} addresses.", "to")
    judged = map(judge, to)
    return list({address.key: address for address in judged}.values())


def judge(text):
    try:
        return addresses.judge(text)
    except Refused as refusal:
        raise Refused(f"“{text[:60]}”: {refusal.sentence}", "to") from None


def marked(job):
    """The sources with [Test] before the subject."""
    return replace(compose.sources(job), subject=f"[Test] {job.subject}")


def accept(job, by):
    """A person looked at the test and found it good: this version may be authorised."""
    jobs.lock(job)
    if job.tested_version != job.version:
        raise Refused("There is no test of this version yet. Send one first.", "test")
    job.accepted_version = job.version
    journal.note(job, "accept_test", by)
    audit.record("job.accept_test", job, by)
