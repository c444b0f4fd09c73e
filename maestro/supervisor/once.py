"""Commands that run once at the start: the schema, and the address of the first-run page."""

import asyncio
import json
from asyncio.subprocess import PIPE

from maestro.supervisor import log
from maestro.supervisor.parts import FLASK


async def run(*command):
    """Run `flask COMMAND --json`; what it answered, or None when it did not succeed. Its log lines join ours."""
    process = await asyncio.create_subprocess_exec(*FLASK, *command, "--json", stdout=PIPE, stderr=PIPE)
    try:
        answer, lines = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    for line in lines.decode(errors="replace").splitlines():
        log.say(log.readable(line))
    return json.loads(answer) if process.returncode == 0 else None


async def setup_url():
    """Where the first administrator is made, or None when there is one."""
    answer = await run("setup-code")
    return answer and answer["url"]
