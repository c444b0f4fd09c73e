"""Runs all of Maestro in the foreground: `python -m maestro.supervisor`."""

import asyncio
import os
import signal
import sys

from maestro.config import Config, ConfigError
from maestro.supervisor import folder, log, make, once, parts, ready
from maestro.supervisor.child import Child

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
REDIS_TIME = 10                        # seconds after which Maestro starts without Redis; it works, only later


class Supervisor:
    def __init__(self, config):
        self.config = config
        self.children = []
        self.tasks = []
        self.told = asyncio.Event()

    async def run(self):
        """Start everything, keep it running until told to stop, stop it. The exit status."""
        self.listen()
        starting = asyncio.create_task(self.start())
        await asyncio.wait([starting, asyncio.create_task(self.told.wait())], return_when=asyncio.FIRST_COMPLETED)
        status = starting.result() if starting.done() else 0
        starting.cancel()
        if status == 0:
            await self.told.wait()
            log.say("Stopping. Messages in flight are finished first.")
        await self.stop()
        return status

    def listen(self):
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.told.set)
        loop.add_signal_handler(signal.SIGCHLD, lambda: [child.look() for child in self.children])
        if above := make.above():
            self.tasks.append(asyncio.create_task(make.follow(above, self.told)))

    async def start(self):
        """Start the parts as they need each other, the pages before the work. An exit status: 0 when all run."""
        chosen = parts.chosen(self.config)
        if not self.config.REDIS_URL:
            await self.start_redis()
        if not await once.run("migrate"):
            log.say("The database could not be brought up to date; nothing was started.")
            return 1
        await self.open([part for part in chosen if part.name == "web"])
        for part in chosen:
            if part.name != "web":
                self.keep(part)
        return 0

    async def open(self, web):
        """Start the web server, when it is among the parts, and say where the pages are."""
        for part in web:
            self.keep(part)
        setup = await once.setup_url()
        if web:
            await ready.web(self.config)
        print(f"Maestro is ready: {self.config.admin_url}", flush=True)
        if setup:
            print(f"Set-up: {setup}", flush=True)

    async def start_redis(self):
        try:
            part = parts.redis(self.config)
        except FileNotFoundError as problem:
            log.say(str(problem))
            return
        self.keep(part)
        try:
            await asyncio.wait_for(ready.redis(part.command[2]), REDIS_TIME)
        except TimeoutError:
            log.say(f"Redis did not answer in {REDIS_TIME} s; going on without it.")

    def keep(self, part):
        child = Child(part)
        self.children.append(child)
        self.tasks.append(asyncio.create_task(child.keep()))

    async def stop(self):
        """Scheduler, workers, web, Redis: the reverse of how they were started."""
        for kinds in ({"scheduler"}, {"send", "import", "other"}, {"web"}, {"redis"}):
            await asyncio.gather(*(child.stop() for child in self.children if child.part.name in kinds))
        for task in self.tasks:
            task.cancel()
        log.say("Stopped.")


def main():
    try:
        config = Config.from_env()
        held = folder.lock(config.DATA)
        problem = ready.port_problem(config) if "web" in config.PROCESSES else None
        parts.chosen(config)
    except (ConfigError, folder.Taken, OSError) as refusal:
        problem = refusal
    if problem:
        print(problem, file=sys.stderr)
        return 1
    os.environ.update(MAESTRO_DATA=str(config.DATA), PYTHONUNBUFFERED="1")
    status = asyncio.run(Supervisor(config).run())
    held.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
