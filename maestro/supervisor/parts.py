"""The table of what runs: each part's name, its command, how long it may take to end, and how it dies with us."""

import signal
import sys
from dataclasses import dataclass

from maestro.config import ConfigError
from maestro.lib import redis_server

FLASK = (sys.executable, "-m", "flask", "--app", "app")
WEB_THREADS = 8
HEADERS = 16_384                       # bytes of a request's line and headers; granian takes 8,192 at least
HEADER_TIME = 30_000                   # milliseconds in which a request's headers must have arrived
WAITING = 256                          # connections that are held open at once


@dataclass(frozen=True)
class Part:
    """One process to keep running."""

    name: str
    command: tuple
    patience: float = 30               # seconds from SIGTERM until it is killed
    at_our_death: int = signal.SIGKILL  # what the kernel sends it when the supervisor is killed


def redis(config):
    socket = redis_server.prepare(config.DATA / "redis.sock", config.DATA / "run")
    return Part("redis", tuple(redis_server.command(socket)), patience=10)


def web(config):
    """The web server. It ends by itself at SIGTERM and takes its own worker along, which SIGKILL would leave behind."""
    options = {
        "interface": "wsgi", "host": config.HOST, "port": config.PORT, "workers": 1, "blocking-threads": WEB_THREADS,
        "http": 1, "http1-buffer-size": HEADERS, "http1-header-read-timeout": HEADER_TIME, "backlog": WAITING * 4,
        "backpressure": WAITING, "workers-kill-timeout": 30, "log-level": "error",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    flags = ("--factory", "--no-ws", "--respawn-failed-workers", "app:serve")
    return [Part("web", (sys.executable, "-m", "granian", *words, *flags), 35, signal.SIGTERM)]


def workers(config):
    """A sender waits up to 600 s for the answer to a message that it has handed over."""
    patience = {"send": 660, "import": 120, "other": 120}
    return [Part(kind, (*FLASK, "worker", kind), seconds) for kind, seconds in patience.items()]


def scheduler(config):
    return [Part("scheduler", (*FLASK, "scheduler"))]


# In the order in which they are stopped.
KINDS = {"scheduler": scheduler, "worker": workers, "web": web}


def chosen(config):
    """The parts that MAESTRO_PROCESSES names, in the order in which they are stopped."""
    unknown = set(config.PROCESSES) - set(KINDS)
    if unknown:
        raise ConfigError(f"MAESTRO_PROCESSES takes {', '.join(KINDS)}, not {', '.join(sorted(unknown))}.")
    return [part for kind, make in KINDS.items() if kind in config.PROCESSES for part in make(config)]
