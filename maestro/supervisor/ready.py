"""Waiting until the parts answer, and saying so."""

import asyncio
import errno
import os
import socket
from urllib.parse import urlsplit

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound
EVERY = 0.05                           # seconds between two tries


async def redis(path):
    """Wait until the server at the socket `path` accepts."""
    while True:
        try:
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(EVERY)


async def web(config):
    """Wait until the web server answers /healthz."""
    while not await answers(config):
        await asyncio.sleep(EVERY)


async def answers(config):
    """Whether /healthz says 200. Asked where the server listens, under a name that it answers to."""
    host = EVERYWHERE.get(config.HOST, config.HOST)
    name = urlsplit(config.admin_url).netloc
    try:
        reader, writer = await asyncio.open_connection(host, config.PORT)
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        first = await reader.readline()
        writer.close()
    except OSError:
        return False
    return first.split()[1:2] == [b"200"]


def port_problem(config):
    """Why the web server cannot listen, in a sentence, or None."""
    family = socket.AF_INET6 if ":" in config.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.HOST, config.PORT))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return f"Port {config.PORT} is in use by another program. Set MAESTRO_PORT to a free one."
            return f"Maestro cannot listen at {config.HOST}:{config.PORT}: {os.strerror(problem.errno)}."
    return None
