"""One libpq connection on the event loop: no thread, no hand-over, one statement at a time."""

import asyncio

from psycopg import Error, pq

GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
SETTINGS = (
    b"SET synchronous_commit = on",                # whatever others here are content with
    b"SET lock_timeout = '5s'", b"SET statement_timeout = '20s'",
    b"SET plan_cache_mode = force_generic_plan", b"SET jit = off",
    b"SET enable_hashjoin = off", b"SET enable_mergejoin = off", b"SET enable_seqscan = off",   # these are look-ups
)
PASSING = (b"08", b"40", b"53", b"55", b"57", b"58")    # classes of SQLSTATE that say: later, or on another connection


class LedgerAway(Exception):
    """The database did not answer. What was asked of it may or may not have happened."""


class Link:
    """`prepared` maps the names of statements to their texts."""

    def __init__(self, url, prepared):
        self.loop = asyncio.get_running_loop()
        self.turn = asyncio.Lock()
        self.waiting = None
        self.connection = pq.PGconn.connect(url.encode())
        if self.connection.status != pq.ConnStatus.OK:
            raise LedgerAway(self._words())
        for setting in SETTINGS:
            self._check(self.connection.exec_(setting))
        for name, text in {**prepared, "BEGIN": "BEGIN", "COMMIT": "COMMIT"}.items():
            self._check(self.connection.prepare(name.encode(), text.encode()))
        self.connection.nonblocking = 1
        self.socket = self.connection.socket
        self.loop.add_reader(self.socket, self._read)

    async def run(self, name, *parameters):
        """The rows of a statement, as lists of texts."""
        async with self.turn:
            return await self._ask(name, parameters)

    async def unit(self, *steps):
        """Statements (name, *parameters) in one transaction; the rows of the last."""
        async with self.turn:
            await self._ask("BEGIN")
            for name, *parameters in steps:
                rows = await self._ask(name, parameters)
            await self._ask("COMMIT")
            return rows

    def close(self):
        if self.socket is not None:
            self.loop.remove_reader(self.socket)
            self.loop.remove_writer(self.socket)
            self.connection.finish()
            self.socket = None

    def _ask(self, name, parameters=()):
        self.waiting = self.loop.create_future()
        self.result = None
        try:
            self.connection.send_query_prepared(name.encode(), [encoded(value) for value in parameters])
            if self.connection.flush():
                self.loop.add_writer(self.socket, self._write)
        except Error as problem:
            self._fail(LedgerAway(str(problem)))
        return self.waiting

    def _write(self):
        try:
            if not self.connection.flush():
                self.loop.remove_writer(self.socket)
        except Error as problem:
            self._fail(LedgerAway(str(problem)))

    def _read(self):
        try:
            self.connection.consume_input()
            while self.waiting and not self.connection.is_busy():
                result = self.connection.get_result()
                if result is None:
                    self._answer()
                else:
                    self._check(result)
                    self.result = result
        except Error as problem:
            self._fail(LedgerAway(str(problem)))
        except (LedgerAway, RuntimeError) as problem:
            self._fail(problem)

    def _answer(self):
        waiting, self.waiting = self.waiting, None
        if not waiting.done():
            waiting.set_result(texts(self.result))

    def _check(self, result):
        if result.status in GOOD:
            return
        words = result.error_message.decode("utf-8", "replace").strip()
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        if state == b"08P01" or state and state[:2] not in PASSING:
            raise RuntimeError(f"The ledger refuses a statement of ours: {words}")
        raise LedgerAway(words)

    def _words(self):
        return self.connection.error_message.decode("utf-8", "replace").strip()

    def _fail(self, problem):
        """A connection on which anything failed is not used again: what it holds is rolled back by its end."""
        waiting, self.waiting = self.waiting, None
        self.close()
        if waiting and not waiting.done():
            waiting.set_exception(problem)


def encoded(value):
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode()


def texts(result):
    """The rows of a result; None where the database says NULL."""
    columns = range(result.nfields)
    return [[decoded(result.get_value(row, column)) for column in columns] for row in range(result.ntuples)]


def decoded(value):
    return None if value is None else value.decode()
