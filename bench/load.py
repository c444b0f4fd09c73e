"""Requests over many connections that stay open, as fast as one process can send them; every answer is looked at."""

import asyncio
import statistics
import time
from collections import Counter
from typing import NamedTuple

import uvloop


class Load(NamedTuple):
    """What came of it. `statuses` counts the answers; a connection that was lost counts as 0."""

    rate: float                                    # answers in a second
    p99: float                                     # milliseconds
    statuses: Counter


def get(path, host, *headers):
    return request("GET", path, host, b"", headers)


def post(path, host, body, *headers):
    kind = b"Content-Type: application/x-www-form-urlencoded"
    return request("POST", path, host, body, (kind, b"Content-Length: %d" % len(body), *headers))


def request(method, path, host, body, headers):
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: " + host.encode(), *headers, b"", body]
    return b"\r\n".join(lines)


class Connection(asyncio.Protocol):
    """One connection: it asks, waits for the whole answer, and asks again."""

    def __init__(self, requests, taken, statuses, ended):
        self.requests, self.taken, self.statuses, self.ended = requests, taken, statuses, ended
        self.rest, self.began = b"", None

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def ask(self):
        wanted = next(self.requests, None)
        if wanted is None:
            self.began = None
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(wanted)

    def data_received(self, data):
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if found and is_whole(head.lower(), body):
            self.taken.append(time.perf_counter() - self.began)
            self.statuses[int(head[9:12])] += 1
            self.rest = b""
            self.ask()

    def connection_lost(self, _problem):
        if self.began is not None:
            self.statuses[0] += 1
        self.ended.set_result(None)


def is_whole(head, body):
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


def drive(port, requests, connections=32):
    """Send all `requests` (bytes each) to a server on this machine."""
    return uvloop.run(_drive(port, iter(requests), connections))


async def _drive(port, requests, connections):
    loop, taken, statuses = asyncio.get_running_loop(), [], Counter()
    ends = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for ended in ends:
        await loop.create_connection(
            lambda ended=ended: Connection(requests, taken, statuses, ended), "127.0.0.1", port)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - began
    return Load(len(taken) / seconds, statistics.quantiles(taken, n=100)[-1] * 1000, statuses)
