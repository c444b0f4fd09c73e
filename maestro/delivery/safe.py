"""Delivering a job in safe mode: the same path as by a mail server, to the Outbox, where nothing is ever in doubt.

    claim a chunk -> render -> append to a file, on the disk -> one commit: accepted, and indexed
A crash before the commit leaves bytes that nobody looks at, and recipients who are queued as before.
"""

import asyncio
import logging
import re
from email.errors import MessageError
from email.header import decode_header, make_header
from functools import lru_cache

from flask import current_app

from maestro.delivery import shelf
from maestro.delivery.link import LedgerAway
from maestro.delivery.orders import Order, Result
from maestro.delivery.send import finished, ledger_for
from maestro.lib import crash
from maestro.lib.errors import MaestroError

BATCH = 100                                        # messages in one commit
BYTES = 8_000_000                                  # and no more than that
SUBJECT = re.compile(rb"^Subject:[ \t]*((?:[^\r\n]|\r\n[ \t])*)", re.M | re.I)
log = logging.getLogger("maestro.delivery")


def deliver_slice(job, recipients, message, seconds=30, stop=None):
    """Deliver what is due of `job` into the Outbox for so long, or until `stop` is set. No transaction may be open."""
    config = current_app.extensions["maestro"]
    filling = Filling(Order.of(job, recipients), recipients, message, config)
    try:
        result = asyncio.run(filling.run(seconds, stop))
    except LedgerAway as problem:
        result = Result(trouble=f"The database does not answer: {problem}")
    return finished(job, result)


class Filling:
    """One slice of filling the Outbox."""

    def __init__(self, order, recipients, message, config):
        self.order, self.recipients, self.message = order, recipients, message
        self.ledger = ledger_for(order, config)
        self.folder = config.files / "outbox"
        self.file = f"job-{order.job}.z"
        self.sent = 0
        self.phase = "sending"

    async def run(self, seconds, stop):
        loop = asyncio.get_running_loop()
        self.until, self.stop = loop.time() + seconds, stop
        await self.ledger.open()
        try:
            while self.goes_on() and (claim := await self.ledger.claim()):
                crash.point("after_claim")
                await self.fill(claim)
                await self.ledger.finish(claim)
                crash.point("chunk_closed")
        finally:
            self.ledger.close()
        return Result(sent=self.sent)

    def goes_on(self):
        over = asyncio.get_running_loop().time() > self.until or self.stop and self.stop.is_set()
        return not over and self.phase in ("sending", "finishing")

    async def fill(self, claim):
        """Every recipient of a chunk, in portions."""
        rows = iter(claim.rows)
        while self.goes_on() and (batch := await self.render(claim, rows)):
            await self.ledger.renew()
            places = shelf.append(self.folder, self.file, [raw for _, raw in batch])
            crash.point("outbox_appended")
            await self.keep(claim, [
                (row["number"], claim.number, claim.fence, row["address"], subject_of(raw), self.file, *place)
                for (row, raw), place in zip(batch, places, strict=True)])

    async def render(self, claim, rows):
        """The next messages that can be built; those that cannot are written down as such."""
        batch, spoilt, size = [], [], 0
        for row in rows:
            try:
                raw = self.message.render(*self.recipients.merge(row))
            except MaestroError as problem:
                spoilt.append((row["number"], claim.number, claim.fence, problem.sentence[:200]))
                continue
            crash.point("after_render")
            batch.append((row, raw))
            size += len(raw)
            if len(batch) >= BATCH or size > BYTES:
                break
        if spoilt:
            await self.ledger.spoil(spoilt)
        return batch

    async def keep(self, claim, entries):
        """Book the messages and list them, except of those who may not get them any more."""
        kept = await self.ledger.keep(entries)
        crash.point("outbox_indexed")
        self.sent += len(kept)
        left_out = [(number, claim.number, claim.fence) for number, *_ in entries if number not in kept]
        if left_out:
            self.phase = await self.ledger.leave_out(left_out)


def subject_of(raw):
    """The subject of a message as people read it."""
    found = SUBJECT.search(raw, 0, raw.find(b"\r\n\r\n"))
    return decoded(found[1]) if found else ""


@lru_cache(maxsize=1000)
def decoded(header):
    text = header.replace(b"\r\n", b"").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(text)))[:250]
    except (MessageError, LookupError, UnicodeError):
        return text[:250]
