"""What an answer of the mail server, or none, means for one recipient."""

import random
from collections import deque
from typing import NamedTuple

from maestro.lib.smtp.failures import BODY, END, MAIL
from maestro.models import RECIPIENT_STATES

(QUEUED, CLAIMED, HANDED, ACCEPTED, REJECTED, UNKNOWN, SUPPRESSED, CANCELLED, EXPIRED, RENDER_ERROR,
 HELD) = range(len(RECIPIENT_STATES))

HOURS = 3600
FIRST_WAITS = (300, 900, HOURS, 3 * HOURS, 6 * HOURS)            # seconds before the second to sixth attempt
LATER_WAIT = 12 * HOURS
PATIENCE = 120 * HOURS                             # five days after which a recipient is given up
POLICY = ("5.7.", "5.6.")                          # the server minds the message or the sender, not the recipient


class Outcome(NamedTuple):
    """The state that a recipient takes, and why."""

    state: int
    code: int | None = None
    reply: str = ""
    tried: int = 0                                 # 1: counts as an attempt
    wait: float = 0                                # seconds before a queued recipient is due again


BACK = Outcome(QUEUED)                             # nothing was said about this recipient


def accepted(reply):
    return Outcome(ACCEPTED, reply.code, reply.text[:200], 1)


def answered(reply, attempt):
    """An answer to the end of data, or to a command that names this recipient. `attempt` counts those before."""
    if reply.code < 300:
        return accepted(reply)
    if reply.code >= 500:
        return Outcome(REJECTED, reply.code, reply.text[:200], 1)
    return deferred(reply, attempt)


def refused(phase, reply, attempt):
    """The envelope was not taken. What the server minds about the sender is not held against the recipient."""
    return deferred(reply, attempt) if phase == MAIL else answered(reply, attempt)


def deferred(reply, attempt):
    wait = next_wait(attempt + 1)
    if wait is None:
        return Outcome(EXPIRED, reply.code, reply.text[:200], 1)
    return Outcome(QUEUED, reply.code, reply.text[:200], 1, wait)


def lost_after_end(failure):
    """The message was written to its end and no answer came: only the server knows."""
    return Outcome(UNKNOWN, None, failure.words[:200], 1)


def lost_before_end(failure, attempt):
    """Without its end a message is not accepted. An early answer counts, an end without one does not."""
    if failure.phase == BODY and failure.reply and failure.reply.code >= 400:
        return answered(failure.reply, attempt)
    return BACK


def is_policy(outcome):
    return outcome.state == REJECTED and outcome.reply.startswith(POLICY)


def next_wait(attempts, jitter=random.uniform):
    """Seconds until the next attempt after so many, up to 10 % more or less; None when patience is over."""
    waited = sum(wait_after(number) for number in range(1, attempts + 1))
    if waited > PATIENCE:
        return None
    return wait_after(attempts) * jitter(0.9, 1.1)


def wait_after(attempts):
    return FIRST_WAITS[attempts - 1] if attempts <= len(FIRST_WAITS) else LATER_WAIT


class Breaker:
    """Notices that the server minds the mailing itself: more than 20 % of the last 50 answers, of 10 at least."""

    def __init__(self):
        self.last = deque(maxlen=50)
        self.words = ""
        self.senders = 0                           # refusals of MAIL FROM in a row

    def see(self, outcome, phase=END):
        """Why the job should pause, "" when it need not."""
        self.last.append(is_policy(outcome))
        self.senders = self.senders + 1 if phase == MAIL and (outcome.code or 0) >= 500 else 0
        if self.senders >= 3:
            return f"The mail server does not take our sender: {outcome.code} {outcome.reply}"
        if len(self.last) >= 10 and self.last[-1] and sum(self.last) > len(self.last) * 0.2:
            return f"The mail server refuses this mailing: {outcome.code} {outcome.reply}"
        return ""
