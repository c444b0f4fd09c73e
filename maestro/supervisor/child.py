"""A process that is kept running until it is told to stop, and that does not outlive the supervisor."""

import asyncio
import os
import signal
import subprocess
from functools import partial

from maestro.lib import clock
from maestro.lib.death import die_with_parent
from maestro.supervisor import log

FIRST, LONGEST = 1, 30                 # seconds until a process that ended is started again: doubled each time
STEADY = 60                            # seconds after which a process counts as well again


def pause(before, lasted):
    """Seconds to wait before the next start, when the last pause was `before` and the process then ran for `lasted`."""
    return FIRST if not before or lasted >= STEADY else min(before * 2, LONGEST)


def ending(status):
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


class Child:
    def __init__(self, part):
        self.part = part
        self.process = None
        self.ended = asyncio.Event()
        self.stopping = asyncio.Event()

    async def keep(self):
        """Run the process, and run it again whenever it ends, until `stop`."""
        wait = 0
        while not self.stopping.is_set():
            begun = clock.monotonic()
            self.start()
            await self.ended.wait()
            self.end_the_rest()
            if not self.stopping.is_set():
                wait = pause(wait, clock.monotonic() - begun)
                log.say(f"{self.part.name} {ending(self.process.returncode)}; starting it again in {wait} s.")
                await self.rest(wait)

    def start(self):
        self.ended.clear()
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(
            self.part.command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=partial(die_with_parent, self.part.at_our_death, os.getpid()))
        os.close(theirs)
        self.following = asyncio.create_task(log.follow(self.part.name, ours))

    def look(self):
        """Notice that the process has ended; called when any child has."""
        if self.process and self.process.poll() is not None:
            self.ended.set()

    def end_the_rest(self):
        """Kill what the process left behind: a web server's worker would keep its port."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    async def rest(self, seconds):
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            pass

    async def stop(self):
        """Ask the process to end and wait for it; kill it when its patience is over."""
        self.stopping.set()
        if not self.process or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.ended.wait(), self.part.patience)
        except TimeoutError:
            log.say(f"{self.part.name} did not end in {self.part.patience:g} s and is killed.")
            self.process.kill()
            await self.ended.wait()
        self.end_the_rest()
        await self.following
