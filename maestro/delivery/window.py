"""One connection's share of the work: a window of recipients whose hand-over is on the disk before their message ends.

A lane keeps its window over the connections that serve it one after the other. At most `window` of its recipients
are handed over and not booked at any moment: so many are in doubt when this process dies.
"""

import asyncio
from collections import deque

from maestro.delivery import judge
from maestro.delivery.judge import BACK
from maestro.delivery.rows import DENIED, DURABLE, FRESH
from maestro.lib import crash
from maestro.lib.smtp.failures import BODY, END, IDLE
from maestro.lib.smtp.replies import Reply

GLANCE = 0.002                                     # seconds in which what lies in the socket is read
DROPS = 3                                          # connections that may break over one recipient before he must wait


class Lane:
    """A listener of the session that serves it (lib/smtp/session.py)."""

    def __init__(self, sender):
        self.sender, self.books = sender, sender.books
        self.session, self.answers = None, 0
        self.queue = deque()                       # asked for, without an envelope yet
        self.current = None                        # its envelope is with the server
        self.sent = None                           # its message is with the server, the answer is awaited
        self.open = 0                              # handed over, or being so, and not booked
        self.waiting = False                       # the server waits for the body, the body for the commit
        self.resting = True
        self.full = False                          # outcomes must be booked before the next envelope
        self.ended = asyncio.Event()

    def serve(self, session):
        """Use a session that was just opened."""
        self.session, self.answers = session, 0
        self.ended.clear()
        self.go()

    def go(self):
        """Nothing is on the wire: begin with the next recipient, or rest, or let the session end."""
        if self.sender.draining or self.session.over or self.session.begun >= self.sender.route.messages:
            self.end_session()
            return
        self.current = self.take()
        self.resting = self.current is None
        self.full = not self.resting and self.current.grade == FRESH and self.open >= self.sender.window
        if self.resting:
            self.sender.rest()
        elif self.full:
            self.queue.appendleft(self.current)
            self.current = None
        else:
            self.session.begin(self.current.envelope)
            self.ask()

    def take(self):
        """The next recipient for whom there is a message: one already asked for, else one from the pool."""
        while row := self.queue.popleft() if self.queue else self.sender.next_row(self):
            if row.grade != DENIED and self.sender.prepare(row, self.session):
                return row
        return None

    def ask(self):
        """Fill the window when the next message needs it."""
        room = self.sender.window - self.open
        if not self.current or self.current.grade != FRESH or room < 1:
            return
        rows = [self.current]
        while len(rows) < room and (row := self.sender.next_row(self)):
            rows.append(row)
            self.queue.append(row)
        self.open += len(rows)
        self.books.ask(rows)

    def granted(self):
        """A commit is on the disk that speaks of rows of this lane."""
        if self.full and not self.ended.is_set():
            self.go()
        elif self.waiting:
            self.go_ahead()
        self.ask()

    # --- what the session says ------------------------------------------------------------------------------------

    def go_ahead(self):
        self.waiting = False
        if self.current.grade == DURABLE:
            self.glance()
        elif self.current.grade == DENIED:
            self.current = None                    # its DATA is open: only a new connection leads on
            self.end_session()
        else:
            self.waiting = True

    def glance(self):
        """Look at the socket before the message ends: whoever hung up, or spoke, has not accepted it."""
        if self.session.has_news():
            self.sender.loop.call_later(GLANCE, self.push, self.session, self.current)
        else:
            self.push(self.session, self.current)

    def push(self, session, row):
        """Write the message and its end, and the next envelope behind it."""
        if session.over or self.current is not row:
            return
        last = self.sender.draining or session.begun >= self.sender.route.messages
        following = None if last else self.take()
        crash.point("before_terminator")
        self.sent, self.current = row, following
        session.finish(row.body, following and following.envelope)
        crash.point("after_terminator")
        self.ask()

    def answered(self, reply):
        crash.point("after_reply")
        row, self.sent = self.sent, None
        self.answers += 1
        self.sender.calm()
        self.conclude(row, judge.answered(reply, row.attempt))
        if self.sender.draining:
            self.retire()
        elif self.current is None:
            self.go()
        else:
            self.ask()

    def refused(self, phase, reply):
        row, self.current = self.current, None
        self.conclude(row, judge.refused(phase, reply, row.attempt), phase)
        if reply.code == 421:
            self.end_session()
        else:
            self.go()

    def lost(self, failure):
        """The session is over; the next one goes on with what was not sent to its end."""
        if not self.answers:
            self.sender.worry(failure)
        if self.sent:
            row, self.sent = self.sent, None
            self.conclude(row, judge.lost_after_end(failure))
        if self.current:
            self.keep_current(failure)
        self.waiting = False
        self.ended.set()

    def keep_current(self, failure):
        row, self.current = self.current, None
        row.drops += failure.phase != END
        outcome = judge.lost_before_end(failure, row.attempt)
        if row.drops >= DROPS:
            outcome = judge.deferred(Reply(451, failure.words.encode()), row.attempt)
        if outcome == BACK:
            self.queue.appendleft(row)
        else:
            self.conclude(row, outcome, BODY)

    # --- the end --------------------------------------------------------------------------------------------------

    def conclude(self, row, outcome, phase=END):
        if row.grade == DURABLE:
            self.open -= 1
        self.books.book(row, outcome, phase)

    def end_session(self):
        """Leave the session; what is asked for waits for the next one."""
        if self.session.phase == IDLE:
            self.session.quit()
        else:                                      # an envelope is open: what we said now would be its message
            self.session.abort()
        self.ended.set()

    def retire(self):
        """Stop: what is with the server to its end is awaited, all else goes back."""
        rows = [*self.queue, *([self.current] if self.current else [])]
        self.queue.clear()
        self.current, self.waiting = None, False
        for row in rows:
            self.conclude(row, BACK)
        if self.session and not self.sent and not self.ended.is_set():
            self.end_session()


