"""`make run` in front of us. make passes SIGTERM on, but keeps a SIGINT sent to it alone, and may be killed."""

import asyncio
import os
import signal
from pathlib import Path

from maestro.lib.death import die_with_parent

SIGINT_BIT = 1 << (signal.SIGINT - 1)
EVERY = 0.2                            # seconds between two looks


def above():
    """The process id of the make that started us, or None."""
    parent = os.getppid()
    try:
        name = Path(f"/proc/{parent}/comm").read_text().strip()
    except OSError:
        return None
    return parent if name in ("make", "gmake") else None


def is_interrupted(pid):
    """Whether make is inside its handler of SIGINT, which blocks the signal meanwhile (proc(5), SigBlk)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(blocked, 16) & SIGINT_BIT)


async def follow(pid, stop):
    """Set `stop` (an Event) when make is interrupted or gone."""
    die_with_parent(signal.SIGTERM, pid)
    while not is_interrupted(pid):
        await asyncio.sleep(EVERY)
    stop.set()
