"""The chain of seals over the audit: it shows later that no entry was changed, put in or taken out."""

import hashlib
import json
import logging

from flask import current_app
from sqlalchemy import select

from maestro.extensions import db
from maestro.lib import secrets
from maestro.models import AuditEntry

BATCH = 1000
GENESIS = "0" * 64
log = logging.getLogger("maestro.audit")


def canonical(entry):
    """What the seal covers. Personal columns take part by their keyed hash only: erasing them breaks nothing."""
    return json.dumps([entry.id, entry.created_at.isoformat(), entry.action, entry.subject, entry.group_id,
                       entry.user_id, entry.personal])


def personal(entry):
    """A keyed hash of the columns that may name a person."""
    text = json.dumps([entry.actor, entry.ip, entry.details], sort_keys=True)
    return secrets.fingerprint(current_app.extensions["maestro"].SECRET_KEY, "audit/1", text)


def chained(previous, entry):
    return hashlib.sha256((previous + canonical(entry)).encode()).hexdigest()


def seal():
    """Chain every committed entry that is not sealed yet. Two at once collide on `place`, and one of them wins."""
    place, head = last_seal()
    while entries := unsealed():
        for entry in entries:
            place += 1
            entry.personal = personal(entry)
            head = chained(head, entry)
            entry.place, entry.seal = place, head
        db.session.flush()
        log.info("Audit sealed up to entry %d: %s", place, head)


def last_seal():
    """Place and seal of the end of the chain."""
    found = db.session.execute(select(AuditEntry.place, AuditEntry.seal).where(AuditEntry.place.is_not(None))
                               .order_by(AuditEntry.place.desc()).limit(1)).first()
    return tuple(found) if found else (0, GENESIS)


def unsealed():
    loose = select(AuditEntry).where(AuditEntry.place.is_(None)).order_by(AuditEntry.id).limit(BATCH)
    return db.session.scalars(loose).all()


def verify():
    """Walk the chain; sentences about everything that does not fit, none when all is well."""
    problems, head, expected = [], GENESIS, 0
    for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.place.is_not(None)).order_by(AuditEntry.place)
                                    .execution_options(yield_per=BATCH)):
        expected += 1
        if entry.place != expected:
            problems.append(f"Entries {expected} to {entry.place - 1} of the chain are missing.")
            expected = entry.place
        elif entry.seal != chained(head, entry) or not keeps_its_facts(entry):
            problems.append(f"Entry {entry.id} ({entry.action}) was changed after it was sealed.")
        head = entry.seal
    return problems


def keeps_its_facts(entry):
    """Personal columns are as they were, or blanked altogether."""
    return not (entry.actor or entry.ip or entry.details) or entry.personal == personal(entry)
