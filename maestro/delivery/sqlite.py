"""The ledger as a sender uses it on SQLite: one thread with a connection of its own, every commit on the disk."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from maestro.delivery import statements
from maestro.delivery.dialects import SQLite
from maestro.delivery.link import LedgerAway
from maestro.delivery.orders import Claim, values_to_row

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 15000", "cache_size = -65536")


class SQLiteLedger:
    """The moves of one job's recipients, for one sender (`owner`). The same verbs as PostgresLedger."""

    def __init__(self, path, order, owner):
        self.path, self.order, self.owner = path, order, owner
        self.texts = statements.build(order, SQLite)
        self.thread = ThreadPoolExecutor(1)
        self.connection = None

    async def open(self):
        self.loop = asyncio.get_running_loop()
        await self._in_thread(self._connect)

    def close(self):
        if self.connection:
            self.thread.submit(self.connection.close)
        self.thread.shutdown()

    async def claim(self):
        return await self._unit(self._claim)

    async def commit(self, outcomes, intents):
        return await self._unit(self._commit, outcomes, intents)

    async def late(self, outcomes, chunks):
        return await self._unit(self._late, outcomes, chunks)

    async def leave_out(self, keys):
        return await self._unit(self._leave_out, keys)

    async def spoil(self, rows):
        await self._unit(self._run, "spoil", *SQLite.encode(rows, 4))

    async def keep(self, rows):
        return await self._unit(self._keep, rows)

    async def finish(self, claim):
        await self._unit(self._finish, claim)

    async def renew(self):
        await self._unit(self._run, "renew", self.owner)

    async def delay(self, seconds):
        await self._unit(self._run, "delay", seconds)

    # --- in the thread --------------------------------------------------------------------------------------------

    def _connect(self):
        if self.connection:
            self.connection.close()
        self.connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}")

    def _run(self, name, *parameters):
        return self.connection.execute(getattr(self.texts, name), parameters)

    def _claim(self):
        taken = self._run("claim", self.owner).fetchall()
        if not taken:
            return None
        number, fence, low, high = taken[0]
        rows = self._run("read", low, high).fetchall()
        return Claim(number, fence, low, high, [values_to_row(row, self.order.fields) for row in rows])

    def _commit(self, outcomes, intents):
        lost, granted = 0, set()
        if outcomes:
            lost = len(outcomes) - self._run("outcome", *SQLite.encode(outcomes, 7)).rowcount
        if intents:
            keys = SQLite.encode(intents, 3)
            if self._run("intent", *keys).rowcount == len(intents):
                granted = {number for number, _, _ in intents}
            else:
                granted = {number for number, in self._run("granted", *keys)}
        return lost, granted

    def _late(self, outcomes, chunks):
        for chunk in chunks:
            self._run("untally", chunk)
        self._run("late", *SQLite.encode(outcomes, 7))

    def _leave_out(self, keys):
        self._run("leave_out", *SQLite.encode(keys, 3))
        return self._run("phase").fetchone()[0]

    def _keep(self, rows):
        values = SQLite.encode(rows, 8)
        self._run("keep", *values)
        self._run("index_kept", *values)
        return {number for number, in self._run("indexed", *values)}

    def _finish(self, claim):
        self._run("doubt", claim.number, claim.fence, claim.low, claim.high)
        self._run("close", claim.number, claim.fence)

    def _in_thread(self, work, *given):
        return self.loop.run_in_executor(self.thread, work, *given)

    async def _unit(self, work, *given):
        """`work` in one transaction, in the thread."""
        return await self._in_thread(self._transaction, work, given)

    def _transaction(self, work, given):
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                answer = work(*given)
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
            return answer
        except sqlite3.Error as problem:
            raise LedgerAway(str(problem)) from None
