"""One slice's sender: its connections, and the pool of claimed recipients that feeds them."""

import asyncio
import logging
from collections import deque
from urllib.parse import urlsplit

from maestro.delivery.backoff import Backoff
from maestro.delivery.books import Books
from maestro.delivery.judge import RENDER_ERROR, Outcome
from maestro.delivery.rows import FRESH
from maestro.delivery.statements import LEASE
from maestro.delivery.window import Lane
from maestro.lib import crash
from maestro.lib.errors import MaestroError
from maestro.lib.smtp.envelope import Envelope
from maestro.lib.smtp.failures import Failure
from maestro.lib.smtp.session import Session

LOW = 250                                          # recipients in the pool below which another chunk is claimed
log = logging.getLogger("maestro.delivery")


class Sender:
    """Claims, opens connections, and ends when nothing is left, time is over, or somebody says so."""

    def __init__(self, ledger, recipients, message, route, config):
        self.ledger, self.recipients, self.message, self.route = ledger, recipients, message, route
        self.window = config.WINDOW
        self.name = urlsplit(config.public_url).hostname
        self.context = route.context
        self.loop = asyncio.get_running_loop()
        self.books = Books(ledger, self.drain)
        self.backoff = Backoff(route.scale)
        self.pool = deque()
        self.dry = self.draining = False
        self.connecting = 0
        self.change, self.hungry, self.drained = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.problem = self.trouble = ""
        self.lanes = [Lane(self) for _ in range(route.connections)]

    async def run(self, seconds, stop):
        await self.ledger.open()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(work) for work in (
                self.books.keep(), self.books.renew(LEASE / 4), self.feed(), self.watch(seconds, stop))]
            await asyncio.gather(*(self.drive(lane) for lane in self.lanes))
            await self.let_go()
            for task in beside:
                task.cancel()
        self.ledger.close()
        return self.books.result(problem=self.problem, trouble=self.trouble or self.books.trouble)

    async def feed(self):
        """Claim chunks while there are any to claim and the pool is low."""
        while not (self.draining or self.dry):
            claim = await self.books.insist(self.ledger.claim)
            if claim is None:
                self.dry = True
                self.rest()
                return
            crash.point("after_claim")
            self.pool.extend(self.books.take(claim))
            self.wake()
            while len(self.pool) >= LOW and not self.draining:
                self.hungry.clear()
                await self.hungry.wait()

    async def drive(self, lane):
        """Give a lane one session after the other, as long as it has work."""
        while not self.draining:
            if not lane.queue and len(self.pool) <= self.connecting * self.window:
                self.rest()
                await self.change.wait()
                continue
            self.connecting += 1
            session = await self.connect(lane)
            self.connecting -= 1
            if session:
                lane.serve(session)
                await lane.ended.wait()
        lane.retire()
        if lane.session:
            await lane.ended.wait()

    async def connect(self, lane):
        """A session ready for messages, or None."""
        if await self.finished_before(self.backoff.wait()):
            return None
        session = Session(lane, self.route.scale)
        opening = self.loop.create_task(session.open(self.route, self.name, self.context))
        if await self.finished_before(opening):
            opening.cancel()
            session.drop()
            return None
        try:
            opening.result()
        except Failure as failure:
            self.refuse(failure) if failure.lasting else self.worry(failure)
            return None
        return session

    async def finished_before(self, work):
        """Whether the slice ended before `work` was done."""
        work, drained = asyncio.ensure_future(work), asyncio.ensure_future(self.drained.wait())
        await asyncio.wait({work, drained}, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        if work.done():
            return False
        work.cancel()
        return True

    async def watch(self, seconds, stop):
        """End the slice when its time is over or somebody says so."""
        until = self.loop.time() + seconds
        while self.loop.time() < until and not (stop and stop.is_set()):
            await asyncio.sleep(0.1)
        self.drain()

    async def let_go(self):
        """Nothing is on the wire any more: write down what is known, and give back what is not begun."""
        for row in self.pool:
            self.books.settle(row)
        self.pool.clear()
        await self.books.quiet.wait()
        if self.backoff.fruitless:
            await self.books.insist(self.ledger.delay, self.backoff.step)

    # --- what lanes ask -------------------------------------------------------------------------------------------

    def next_row(self, lane):
        if not self.pool or self.draining:
            return None
        row = self.pool.popleft()
        row.lane = lane
        if len(self.pool) < LOW:
            self.hungry.set()
        return row

    def prepare(self, row, session):
        """Render the message of a row, unless it is there; say whether it can go out by this session."""
        problem = "" if row.body else self.render(row)
        problem = problem or row.envelope.objection(session)
        if problem and row.grade == FRESH:
            self.books.spoil(row, problem)
        elif problem:
            row.lane.conclude(row, Outcome(RENDER_ERROR, None, problem[:200]))
        return not problem

    def render(self, row):
        try:
            row.body = self.message.render(*self.recipients.merge(row.person))
        except MaestroError as problem:
            return problem.sentence
        except Exception:
            log.exception("The message for recipient %s cannot be built", row.number)
            return "The message cannot be built; the server's log says why."
        crash.point("after_render")
        row.envelope = Envelope(self.recipients.envelope(row.person), row.person["address"], len(row.body))
        return ""

    def rest(self):
        """A lane found nothing to do. When all have, and no chunk is left, the slice is over."""
        if self.dry and not self.pool and not any(lane.queue or lane.current or lane.sent for lane in self.lanes):
            self.drain()

    def calm(self):
        self.trouble = ""
        self.backoff.reset()

    def worry(self, failure):
        self.trouble = failure.words
        self.backoff.grow()

    def refuse(self, failure):
        self.drain(f"The mail server refuses us: {failure.words}")

    def wake(self):
        self.change.set()
        self.change.clear()
        for lane in self.lanes:
            if lane.resting and lane.session and not lane.ended.is_set():
                lane.go()

    def drain(self, problem=""):
        """Take nothing new; what is under way is finished."""
        self.problem = self.problem or problem
        if not self.draining:
            self.draining = True
            self.drained.set()
            self.hungry.set()
            self.change.set()
            for lane in self.lanes:
                self.loop.call_soon(lane.retire)
