"""Sending finished messages one at a time, where nothing has to be written down in between."""

import asyncio

from maestro.lib.smtp.envelope import Envelope, stuffed
from maestro.lib.smtp.failures import MAIL, Failure
from maestro.lib.smtp.replies import Reply
from maestro.lib.smtp.session import Session


async def deliver(server, messages, name="localhost"):
    """Send (tag, sender, recipient, raw) each; yields (tag, answer), where an answer is a Reply or a Failure."""
    session = problem = None
    for tag, sender, recipient, raw in messages:
        if problem is None and (session is None or session.over):
            try:
                session = Session(Once(), server.scale)
                await session.open(server, name, server.context)
            except Failure as failure:
                problem = failure                  # the next would fare no better
        yield tag, problem or await session.listener.send(session, sender, recipient, stuffed(raw))
    session.quit()


class Once:
    """A listener for one message after the other."""

    async def send(self, session, sender, recipient, body):
        self.session, self.body = session, body
        self.answer = asyncio.get_running_loop().create_future()
        envelope = Envelope(sender, recipient, len(body))
        problem = envelope.objection(session)
        if problem:
            return Reply(550, problem.encode())
        if session.over:
            return Failure(MAIL, "The mail server closed the connection")
        session.begin(envelope)
        return await self.answer

    def go_ahead(self):
        self.session.finish(self.body)

    def refused(self, phase, reply):
        self.answer.set_result(reply)

    def answered(self, reply):
        self.answer.set_result(reply)

    def lost(self, failure):
        if hasattr(self, "answer") and not self.answer.done():
            self.answer.set_result(failure)
