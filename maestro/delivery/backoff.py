"""How long to leave a mail server alone that does not answer."""

import asyncio

FIRST, MOST = 5.0, 300.0                           # seconds


class Backoff:
    """Doubles from 5 seconds to 5 minutes; failures at the same moment count once."""

    def __init__(self, scale=1.0):
        self.scale = scale
        self.loop = asyncio.get_running_loop()
        self.step = 0.0
        self.until = 0.0
        self.answered = False                      # the server took or refused at least one message

    def grow(self):
        now = self.loop.time()
        if now >= self.until:
            self.step = min(self.step * 2 or FIRST * self.scale, MOST * self.scale)
            self.until = now + self.step

    def reset(self):
        self.answered = True
        self.step = self.until = 0.0

    @property
    def fruitless(self):
        """All that was tried failed."""
        return bool(self.step) and not self.answered

    async def wait(self):
        await asyncio.sleep(max(0.0, self.until - self.loop.time()))
