"""How long what names people is kept: rules with their days, each done nightly in small batches.

What a rule finds is made nameless or deleted; counts and proofs stay true.
"""

import time
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from maestro.accounts import settings
from maestro.extensions import count, db
from maestro.lib import clock
from maestro.models import AuditEntry, Change, Consent, Forward, Hit, MailJob, Post, Recipient, WriteBack
from maestro.warehouse import barred, changes, erasure, publishing

BATCH, PAUSE = 5_000, 0.05                         # rows of a transaction, seconds in which others write
OVER = ("done", "closed_failed")


class Rule(NamedTuple):
    """`setting`: its days, 0 for ever; `find(cutoff)`: the rows, a select; `forget(rows)`: what becomes of them."""

    setting: str
    words: str
    find: object
    forget: object


def old(kind, *where):
    return lambda cutoff: select(kind.id).where(kind.created_at < cutoff, *where).order_by(kind.id)


def old_changes(cutoff):
    """Published entries that no write-back still has to carry away, but for the last: numbering goes on after it."""
    last = changes.numbered(func.max).scalar_subquery()
    waits = select(WriteBack.id).where(
        WriteBack.enabled, WriteBack.dataset_id == Change.dataset_id, WriteBack.cursor < Change.seq).exists()
    return select(Change.id).where(Change.created_at < cutoff, Change.seq < last, ~waits).order_by(Change.id)


def old_lines(cutoff):
    """Lines of the ledgers of finished jobs that still have an address."""
    over = select(MailJob.id).where(MailJob.phase.in_(OVER), MailJob.ended_at < cutoff)
    return select(Recipient.job_id, Recipient.number, Recipient.address_key).where(
        Recipient.job_id.in_(over), Recipient.address != erasure.GONE)


def old_readers(cutoff):
    personal = select(MailJob.id).where(MailJob.tracking == "personal")
    return old(Hit, Hit.reader.between(1, erasure.FAR - 1), Hit.job_id.in_(personal))(cutoff)


def hash_lines(rows):
    hash = barred.hasher()
    for job_id, number, key in rows:
        db.session.execute(update(Recipient).where(Recipient.job_id == job_id, Recipient.number == number).values(
            address=erasure.GONE, address_key=barred.MARK + hash(key), reply=None))


def drop(kind):
    return lambda rows: db.session.execute(delete(kind).where(kind.id.in_(ids(rows))))


def change(kind, **values):
    return lambda rows: db.session.execute(update(kind).where(kind.id.in_(ids(rows))).values(**values))


def ids(rows):
    return [row[0] for row in rows]


def drop_posts(rows):
    change_forwards = update(Forward).where(Forward.post_id.in_(ids(rows))).values(post_id=None)
    db.session.execute(change_forwards)
    drop(Post)(rows)


def shorten(kind):
    """Only the network of an IP address stays."""
    def forget(rows):
        for number, ip in db.session.execute(select(kind.id, kind.ip).where(kind.id.in_(ids(rows)))).all():
            db.session.execute(update(kind).where(kind.id == number).values(ip=network(ip)))
    return forget


def network(ip):
    """`192.0.2.0/24`, of IPv6 the first 48 bits."""
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def with_ip(kind):
    return old(kind, kind.ip.is_not(None), kind.ip.not_like("%/%"))


RULES = (
    Rule("keep_changes", "entries of the change log", old_changes, drop(Change)),
    Rule("keep_change_ips", "IP addresses in the change log", with_ip(Change), shorten(Change)),
    Rule("keep_consent_ips", "IP addresses of consents", with_ip(Consent), shorten(Consent)),
    Rule("keep_addresses", "addresses in the ledgers of finished jobs", old_lines, hash_lines),
    Rule("keep_readers", "opens and clicks that name their reader", old_readers,
         change(Hit, reader=Hit.reader + erasure.FAR)),
    Rule("keep_posts", "single mails that were sent or given up", old(Post, Post.state != "queued"), drop_posts),
    Rule("keep_forwards", "notes of forwarded mails", old(Forward), drop(Forward)),
    Rule("keep_audit", "names in the audit log", old(AuditEntry, AuditEntry.place.is_not(None), AuditEntry.actor != ""),
         change(AuditEntry, actor="", ip="", details={})),
)


def cutoff(rule):
    """What is older is forgotten; None keeps everything."""
    days = settings.get(rule.setting)
    return clock.now() - timedelta(days=days) if days else None


def report():
    """How much each rule would forget now: [(words, days, rows)]."""
    found = [(rule, cutoff(rule)) for rule in RULES]
    return [(rule.words, settings.get(rule.setting), count(rule.find(before)) if before else 0)
            for rule, before in found]


def tidy():
    """The nightly round. A crash loses nothing: the next round goes on."""
    publishing.tidy(settings.get("zone"), settings.get("changelog_days"))
    for rule in RULES:
        before = cutoff(rule)
        while before and (rows := db.session.execute(rule.find(before).limit(BATCH)).all()):
            rule.forget(rows)
            db.session.commit()
            time.sleep(PAUSE)
    db.session.rollback()
