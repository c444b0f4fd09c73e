"""One SMTP session after it was opened: envelopes, messages, and what the server says to each.

The session tells a listener what happens:
    go_ahead()              the server waits for the body of the envelope that was begun
    refused(phase, reply)   the server does not take the envelope; nothing of the message was written
    answered(reply)         the answer to the end of data
    lost(failure)           the session is over; `failure.phase` says what it was waiting for
"""

import select

from maestro.lib.smtp.failures import BODY, DATA, END, IDLE, LIMITS, MAIL, RCPT, RESET, Failure
from maestro.lib.smtp.opening import Opening
from maestro.lib.smtp.replies import Garbage

TERMINATOR = b".\r\n"                              # written by `finish` and nowhere else; a body ends in CRLF


class Session(Opening):
    """An asyncio protocol. `begin` an envelope, `finish` its message; at most one message is under way."""

    def __init__(self, listener, scale=1.0):
        super().__init__()
        self.listener = listener
        self.scale = scale                         # of the time limits; below 1 in tests
        self.begun = 0                             # messages of this session
        self._unclean = False                      # an envelope was refused: RSET before the next
        self._following = ()                       # commands of the envelope that comes next
        self._refusal = None

    # --- what the owner says --------------------------------------------------------------------------------------

    def ready(self):
        """The session is open: from here the listener hears about it."""
        self.opened = True
        self._readable = select.poll()
        self._readable.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLRDHUP)
        self._await(IDLE)
        self._watch()

    def begin(self, envelope):
        """Name sender and recipient of the next message, on a session that waits."""
        self.begun += 1
        self._following = envelope.commands(self)
        self._open()

    def finish(self, body, following=None):
        """Write the message and its end, and the next envelope in the same flight where the server lets us."""
        self._await(END)
        self._following = following.commands(self) if following else ()
        self.begun += following is not None
        self.transport.writelines((body, TERMINATOR, *(self._following if self.pipelining else ())))

    def has_news(self):
        """Something came that was not read yet: an early answer, the end, or no more than a TLS ticket."""
        return bool(self._readable.poll(0))

    def quit(self):
        """Take leave of a session that waits."""
        if not self.over:
            self.over = True
            self.transport.write(b"QUIT\r\n")
            self.transport.close()

    def abort(self):
        """Cut the connection; the listener hears nothing more."""
        self.over = True
        self.transport.abort()

    # --- what the server says -------------------------------------------------------------------------------------

    def data_received(self, data):
        try:
            replies = self.reader.feed(data)
        except Garbage as problem:
            self.fail(f"The mail server answered {problem}")
            return
        for reply in replies:
            if self.over:
                return
            self._hear(reply)

    def _hear(self, reply):
        if not self.opened:
            self.heard(reply)
        elif self.phase is END:
            self._end(reply)
        elif self.phase is MAIL:
            self._step(reply, RCPT, 1)
        elif self.phase is RCPT:
            self._step(reply, DATA, 2)
        elif self.phase is DATA:
            self._data(reply)
        elif self.phase is RESET:
            self._write_envelope()
        else:
            self.fail("The mail server spoke unasked", reply)

    def _end(self, reply):
        if 300 <= reply.code < 400:
            self.fail("The mail server answered the message with a code that means nothing there", reply)
            return
        if not self._following:
            self._await(IDLE)
        elif self.pipelining:
            self._await(MAIL)
        else:
            self._write_envelope()
        self.listener.answered(reply)

    def _step(self, reply, following, place):
        """An answer to MAIL FROM or RCPT TO. With pipelining the next command is on its way already."""
        if not reply.good and not self._refusal:
            self._refusal = (self.phase, reply)
        if self.pipelining:
            self._await(following)
        elif self._refusal:
            self._refuse()
        else:
            self._await(following)
            self.transport.write(self._following[place])

    def _data(self, reply):
        if self._refusal:
            if reply.code == 354:                  # RFC 2920, 3.1: it waits for a message without recipients
                self.abort()
            self._refuse()
        elif reply.code == 354:
            self._await(BODY)
            self.listener.go_ahead()
        elif reply.code < 400:
            self.fail("The mail server answered DATA with a code that means nothing there", reply)
        else:
            self._refusal = (DATA, reply)
            self._refuse()

    def _refuse(self):
        (phase, reply), self._refusal = self._refusal, None
        self._unclean = True
        self._await(IDLE)
        self.listener.refused(phase, reply)

    def _open(self):
        if not self._unclean:
            self._write_envelope()
            return
        self._unclean = False
        self._await(RESET)
        self.transport.write(b"RSET\r\n")

    def _write_envelope(self):
        self._await(MAIL)
        self.transport.writelines(self._following if self.pipelining else self._following[:1])

    # --- the end --------------------------------------------------------------------------------------------------

    def connection_lost(self, problem):
        self.fail("The mail server closed the connection" if problem is None else f"The connection broke: {problem}")

    def fail(self, words, reply=None):
        """End the session, and tell who has to know, once."""
        if self.over:
            return
        self.over = True
        self.transport.abort()
        if self._refusal:                          # what it said before it hung up counts
            self._refuse()
            return
        failure = Failure(self.phase, f"{words}: {reply}" if reply else words, reply)
        if self.opened:
            self.listener.lost(failure)
        else:
            self.give_up(failure)

    def _await(self, phase):
        self.phase = phase
        self.until = self.loop.time() + LIMITS[phase] * self.scale

    def _watch(self):
        """Look now and then whether the server takes longer than it may."""
        if self.over:
            return
        if self.loop.time() > self.until:
            self.fail("The mail server did not answer in time")
        else:
            self.loop.call_later(5 * self.scale, self._watch)
