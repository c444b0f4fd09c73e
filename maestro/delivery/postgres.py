"""The ledger as a sender uses it on PostgreSQL.

Two connections: one for the commits that every message waits for, one for claims and what else can wait.
"""

import json

from maestro.delivery import statements
from maestro.delivery.dialects import PostgreSQL
from maestro.delivery.link import Link
from maestro.delivery.orders import Claim, texts_to_row

SLOW = ("claim", "read", "renew", "lock", "doubt", "close", "untally", "late", "leave_out", "spoil", "phase", "delay")


class PostgresLedger:
    """The moves of one job's recipients, for one sender (`owner`)."""

    def __init__(self, url, order, owner):
        self.url, self.order, self.owner = url, order, owner
        built = vars(statements.build(order, PostgreSQL))
        self.quick_texts = {"commit": COMMIT.format(**built), "keep": KEEP.format(**built)}
        self.slow_texts = {name: built[name] for name in SLOW}
        self.quick = self.slow = None

    async def open(self):
        """Connect, again if need be. Raises LedgerAway."""
        self.close()
        self.quick = Link(self.url, self.quick_texts)
        self.slow = Link(self.url, self.slow_texts)

    def close(self):
        for link in (self.quick, self.slow):
            if link:
                link.close()

    async def claim(self):
        """A chunk for this sender, or None when there is none to be had now."""
        taken = await self.slow.run("claim", self.owner)
        if not taken:
            return None
        number, fence, low, high = map(int, taken[0])
        rows = await self.slow.run("read", low, high)
        return Claim(number, fence, low, high, [texts_to_row(row, self.order.fields) for row in rows])

    async def commit(self, outcomes, intents):
        """Book `outcomes` and hand over `intents` in one durable commit.

        Returns how many outcomes had no effect, their rows being given up as unknown meanwhile, and the numbers
        granted.
        """
        rows = await self.quick.run("commit", *PostgreSQL.encode(outcomes, 7), *PostgreSQL.encode(intents, 3))
        booked, granted = rows[0]
        return len(outcomes) - int(booked), set(json.loads(granted or "[]"))

    async def late(self, outcomes, chunks):
        """Outcomes of rows that were given up: an unknown one turns into what really happened."""
        await self.slow.unit(*(("untally", chunk) for chunk in sorted(chunks)),
                             ("late", *PostgreSQL.encode(outcomes, 7)))

    async def leave_out(self, keys):
        """Settle those of the refused rows who may not get this mail any more. Returns the job's phase."""
        await self.slow.run("leave_out", *PostgreSQL.encode(keys, 3))
        return (await self.slow.run("phase"))[0][0]

    async def spoil(self, rows):
        await self.slow.run("spoil", *PostgreSQL.encode(rows, 4))

    async def keep(self, rows):
        """Into the Outbox: accepted and indexed in one commit. Returns the numbers that were."""
        return set(json.loads((await self.quick.run("keep", *PostgreSQL.encode(rows, 8)))[0][0] or "[]"))

    async def finish(self, claim):
        """Let go of a chunk: closed when nobody in it is queued, else open until the first is due."""
        held = claim.number, claim.fence
        await self.slow.unit(("lock", *held), ("doubt", *held, claim.low, claim.high), ("close", *held))

    async def renew(self):
        await self.slow.run("renew", self.owner)

    async def delay(self, seconds):
        """Nobody of this job is tried again before that."""
        await self.slow.run("delay", seconds)


COMMIT = """WITH o AS ({outcome} RETURNING 1), i AS ({intent_after} RETURNING r.number)
    SELECT (SELECT count(*) FROM o), (SELECT CAST(json_agg(number) AS text) FROM i)"""
KEEP = """WITH i AS ({keep} RETURNING r.number), n AS ({index}) SELECT CAST(json_agg(number) AS text) FROM i"""

