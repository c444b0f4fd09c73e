"""The ledger's side of a sender: what all connections intend and learn goes into one commit at a time.

No message is finished before the commit that says so is on the disk; an outcome is booked only on the server's word.
"""

import asyncio
import logging
from collections import Counter

from maestro.delivery.judge import ACCEPTED, BACK, QUEUED, REJECTED, UNKNOWN, Breaker
from maestro.delivery.link import LedgerAway
from maestro.delivery.orders import Result
from maestro.delivery.rows import ASKED, DENIED, DURABLE, FRESH, Held, Row
from maestro.lib import crash
from maestro.lib.smtp.failures import END

PATIENCE = (0.2, 0.5, 1, 2, 4, 8, 15, 15)          # seconds between attempts to reach a database that is away
log = logging.getLogger("maestro.delivery")


class Books:
    """Collects intents and outcomes and commits them, one commit after the other."""

    def __init__(self, ledger, drain):
        self.ledger, self.drain = ledger, drain
        self.intents, self.outcomes, self.spoilt = [], [], []
        self.news = asyncio.Event()
        self.quiet = asyncio.Event()               # nothing is waiting for a commit
        self.quiet.set()
        self.done = []                             # chunks all of whose rows are settled
        self.held = {}
        self.counts = Counter()
        self.breaker = Breaker()
        self.trouble = ""

    def take(self, claim):
        """Hold a claimed chunk; its rows are ours until they are settled."""
        held = Held(claim)
        self.held[held.number] = held
        if not held.open:
            self.done.append(held)
            self._tell()
        return [Row(held, person) for person in claim.rows]

    def ask(self, rows):
        """Intend to hand these over; their lane is told when it is durable, or refused."""
        for row in rows:
            row.grade = ASKED
        self.intents += rows
        self._tell()

    def book(self, row, outcome, phase=END):
        """What became of a row that was handed over, or is being."""
        if row.grade == DURABLE:
            self.outcomes.append((row, outcome))
            self._tell()
            problem = self.breaker.see(outcome, phase) if outcome.code else ""
            if problem:
                self.drain(problem)
        elif row.grade == ASKED:
            row.outcome = outcome, phase           # booked when the commit that is on its way has gone through
        elif row.grade == FRESH:
            self.settle(row)

    def spoil(self, row, sentence):
        """A row that was not asked for and for which there is no message."""
        self.spoilt.append((row, sentence[:200]))
        self._tell()

    def settle(self, row):
        """Nothing more will happen to this row here. Its chunk is let go with the last one."""
        row.chunk.open -= 1
        if not row.chunk.open:
            self.done.append(row.chunk)
            self._tell()

    def _tell(self):
        self.quiet.clear()
        self.news.set()

    async def keep(self):
        """Commit what comes in, for ever."""
        while True:
            await self.news.wait()
            self.news.clear()
            while self.intents or self.outcomes or self.spoilt:
                await self._turn()
            while self.done:
                await self._let_go(self.done.pop())
            if not self.news.is_set():
                self.quiet.set()

    async def _turn(self):
        """One commit with all that this turn of the loop brought."""
        intents, self.intents = self.intents, []
        outcomes, self.outcomes = self.outcomes, []
        if self.spoilt:
            await self._write_spoilt()
        if intents or outcomes:
            await self._commit(intents, outcomes)

    async def _commit(self, intents, outcomes):
        lines = [(row.number, row.fence, *outcome) for row, outcome in outcomes]
        if intents:
            crash.point("before_intent")
        if outcomes:
            crash.point("before_outcome")
        try:
            lost, granted = await self.ledger.commit(lines, [row.key for row in intents])
        except LedgerAway as problem:
            await self._away(problem, intents, outcomes)
            return
        if outcomes:
            crash.point("after_outcome")
        if intents:
            crash.point("after_intent")
        if lost:
            await self.insist(self.ledger.late, lines, {row.chunk.number for row, _ in outcomes})
        for row, outcome in outcomes:
            self.counts[outcome.state, bool(outcome.tried)] += 1
            self.settle(row)
        await self._grant(intents, granted)

    async def _grant(self, intents, granted):
        """Tell the lanes which of their rows may go out; find out why others may not."""
        refused = [row for row in intents if row.number not in granted]
        self._deny(refused)
        for row in intents:
            if row.grade == ASKED:
                row.grade = DURABLE
                if row.outcome:
                    row.lane.conclude(row, *row.outcome)
        self._wake(intents)
        if refused:
            phase = await self.insist(self.ledger.leave_out, [row.key for row in refused])
            for row in refused:
                self.settle(row)
            if phase not in ("sending", "finishing"):
                self.drain()

    def _deny(self, rows):
        for row in rows:
            row.grade = DENIED
            row.lane.open -= 1

    def _wake(self, rows):
        for lane in {row.lane: None for row in rows}:
            lane.granted()

    async def _write_spoilt(self):
        spoilt, self.spoilt = self.spoilt, []
        await self.insist(self.ledger.spoil, [(*row.key, sentence) for row, sentence in spoilt])
        for row, _ in spoilt:
            self.settle(row)

    async def _let_go(self, chunk):
        await self.insist(self.ledger.finish, chunk.claim)
        self.held.pop(chunk.number, None)
        crash.point("chunk_closed")

    async def _away(self, problem, intents, outcomes):
        """A commit failed, and may have happened: nothing of it goes out, and what it may have said is taken back."""
        self._deny(intents)
        self.outcomes = outcomes + [(row, BACK) for row in intents] + self.outcomes
        self.trouble = f"The database does not answer: {problem}"
        self.drain()
        self._wake(intents)
        await self._reopen()

    async def insist(self, verb, *given):
        """Do what may be done twice, again and again until the database answers."""
        while True:
            try:
                return await verb(*given)
            except LedgerAway as problem:
                self.trouble = f"The database does not answer: {problem}"
                self.drain()
                await self._reopen()

    async def _reopen(self):
        """Reach the database again. Raises LedgerAway when patience ends: handed rows then end as unknown."""
        for wait in PATIENCE:
            await asyncio.sleep(wait)
            try:
                await self.ledger.open()
                return
            except LedgerAway as problem:
                log.warning("The database is away: %s", problem)
        raise LedgerAway(self.trouble)

    async def renew(self, every):
        """Keep the lease of what we hold."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.ledger.renew()
            except LedgerAway:
                self.drain()

    def result(self, **more):
        """What was booked, for the caller."""
        return Result(*(self.counts[state, True] for state in (ACCEPTED, REJECTED, QUEUED, UNKNOWN)), **more)


