"""People who unsubscribe by one click while a job goes out to them, and what must be true of each answer of 200."""

import json
import random
from collections import Counter

from sqlalchemy import select

from maestro.delivery import ledger
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Recipient, Subscription
from maestro.warehouse import tables
from tests.parts.senders import glance, phase
from tests.parts.waiting import until

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def leave_while_sending(app, client, world, senders, mailserver, processes=2, most=None):
    """Let people leave in any order from the first mail until the job is done. {address: when 200 was answered}."""
    people = tables.table(world.dataset)
    with glance():
        found = db.session.execute(select(Subscription.id, people.c.address).join(
            people, people.c.id == Subscription.member_id).where(Subscription.list_id == world.offers.id)).all()
    waiting = random.sample(found, most or len(found))
    mint, left = app.extensions["tokens"].mint, {}
    for _ in range(processes):
        senders.start()
    until(mailserver.received, 30, "Nothing is sent.")
    while waiting and phase(senders.job_id) != "done":
        number, address = waiting.pop()
        answer = client.post(f"/u/{mint('u', number)}", data=ONE_CLICK)
        assert answer.status_code == 200, answer.text
        left[address] = clock.now().timestamp()
    senders.finish()
    return left


def judge(job_id, left, mailserver):
    """Compare the answers with the ledger and with the mail server's book: the counts, and to whom a mail came late."""
    lines = [json.loads(line) for line in mailserver.file.read_text().splitlines()]
    arrived = {line["to"]: line["at"] for line in lines}
    assert len(lines) == len(arrived), "somebody got it twice"
    with glance():
        rows = {row.address: row for row in db.session.scalars(select(Recipient).where(Recipient.job_id == job_id))}
    sent = {address for address in left if rows[address].state in ("accepted", "unknown")}
    late = sorted(address for address in sent if rows[address].handed_at > left[address])
    kept = [address for address in left if address not in sent]
    assert all(rows[address].state == "suppressed" and rows[address].reply == "left the list" for address in kept)
    assert not arrived.keys() & set(kept), "a mail that the ledger denies"
    assert ledger.audit() == []
    moving = sum(arrived.get(address, 0) > left[address] for address in sent)
    counted = Counter(people=len(rows), left=len(left), sent_before=len(sent), not_sent=len(kept), on_their_way=moving)
    return counted, late
