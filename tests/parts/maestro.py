"""A whole Maestro on a data folder and a port of its own, started as `make run` starts it."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from maestro.lib.death import die_with_parent
from tests.parts.ports import free_port
from tests.parts.waiting import until

ROOT = Path(__file__).parent.parent.parent
SUPERVISOR = (sys.executable, "-m", "maestro.supervisor")
WORDS = {"redis": "-server", "web": "granian", "send": "worker\0send", "import": "worker\0import",
         "other": "worker\0other", "scheduler": "\0scheduler"}


def outside():
    """The environment without settings that somebody tests with."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAESTRO_")}


def children(pid):
    """The process ids of a process's direct children and their command lines."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                yield int(stat.parent.name), (stat.parent / "cmdline").read_text()
        except OSError:                # it ended while we looked
            continue


class Maestro:
    """`with Maestro(folder, MAESTRO_GRACE="0") as maestro:` runs for the block; `settings` is its environment."""

    def __init__(self, folder, command=SUPERVISOR, **settings):
        self.folder, self.command = Path(folder), command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"MAESTRO_DATA": str(folder), "MAESTRO_PORT": str(self.port), "MAESTRO_GRACE": "0"} | settings
        self.file = self.folder.with_name(f"{self.folder.name}.log")

    def __enter__(self):
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, *problem):
        if self.process.poll() is None:
            self.stop()

    def start(self):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with open(self.file, "w") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=outside() | self.settings, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent)

    def wait_until_ready(self, seconds=180):
        until(lambda: self.is_ready() or self.process.poll() is not None, seconds, self.log)
        assert self.process.poll() is None, self.log()

    def is_ready(self):
        return f"Maestro is ready: {self.url}\n" in self.log()

    def log(self):
        return self.file.read_text()

    @property
    def setup_url(self):
        """The address that was printed for the first administrator, or None."""
        found = re.search(r"^Set-up: (\S+)\n", self.log(), re.MULTILINE)
        return found and found[1]

    def part(self, name):
        """The process id of a running part (redis, web, send, import, other, scheduler), or None."""
        return next((pid for pid, line in children(self.process.pid) if WORDS[name] in line), None)

    def flask(self, *command, stdin=""):
        """What a command answers with --json; it must succeed."""
        return json.loads(self.flask_text(*command, "--json", stdin=stdin))

    def flask_text(self, *command, stdin=""):
        """What a command writes; it must succeed."""
        done = subprocess.run([sys.executable, "-m", "flask", "--app", "app", *map(str, command)], cwd=ROOT,
                              env=outside() | self.settings, input=stdin, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{self.log()}"
        return done.stdout

    def stop(self, number=signal.SIGTERM, seconds=120):
        """End it by a signal; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)
