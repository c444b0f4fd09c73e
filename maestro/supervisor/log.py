"""One log of all processes: each line says whose it is, in colour on a terminal."""

import asyncio
import json
import os
import sys

COLOURS = {"supervisor": 90, "redis": 35, "web": 36, "send": 32, "import": 33, "other": 34, "scheduler": 95}
WIDTH = max(map(len, COLOURS))
LONGEST = 1 << 20                      # bytes of one line; longer ones are left out
# Advice for a server that saves to disk; ours does not.
NOISE = ("Memory overcommit must be enabled",)
ALWAYS = ("time", "level", "event", "text")


def say(text, name="supervisor"):
    """Write one line of the process `name` to the log."""
    prefix = f"{name:{WIDTH}} |"
    if sys.stderr.isatty():
        prefix = f"\x1b[{COLOURS.get(name, 90)}m{prefix}\x1b[0m"
    print(f"{prefix} {text}", file=sys.stderr, flush=True)


def readable(line):
    """A line of a process for people: our own events come as JSON, others stay as they are."""
    try:
        event = json.loads(line)
        head = f"{event['time'][11:19]} {event['level']:7} {event['event']}: {event['text']}"
    except (ValueError, TypeError, KeyError):
        return line
    return head + "".join(f" {name}={value}" for name, value in event.items() if name not in ALWAYS and value)


async def follow(name, descriptor):
    """Copy what the process `name` writes into the log until it ends; `descriptor` is our end of its pipe."""
    reader = asyncio.StreamReader(limit=LONGEST)
    pipe = os.fdopen(descriptor, "rb")
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            line = b"(A line of more than 1 MB was left out.)\n"
        if not line:
            return
        text = line.decode(errors="replace").rstrip("\n")
        if not any(noise in text for noise in NOISE):
            say(readable(text), name)
