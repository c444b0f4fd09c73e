"""A mail server that takes everything and delivers nothing, except where it is told to misbehave.

Every end of data is written to a file before it is answered, so that what reached the server is known whatever
happens to the other side. Runs in a thread (`with Sink(...) as sink`) or as a program:
    python -m tests.parts.sink PORT FILE [--seed N] [--delay SECONDS] [--fault PHASE=ACTION@SHARE ...]

Actions: an answer such as "450 4.2.0 later"; "drop" (close without an answer), "hang" (never answer), "raw:BYTES".
Phases: greeting ehlo starttls auth mail rcpt data body (in the middle of a message) end (after its end) rset.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import re
import signal
import sys
import threading

from maestro.lib import clock

GOOD = {"greeting": "220 sink.example.org ESMTP", "mail": "250 2.1.0 Ok", "rcpt": "250 2.1.5 Ok", "data": "354 Go on",
        "end": "250 2.0.0 Ok: queued as 4F0A", "rset": "250 Ok", "auth": "235 Welcome", "starttls": "220 Go on"}
WORDS = {b"EHLO": "ehlo", b"HELO": "ehlo", b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data", b"RSET": "rset",
         b"AUTH": "auth", b"STAR": "starttls"}
HEADER = re.compile(rb"^Message-ID:\s*<?([^>\r\n]*)", re.I | re.M)


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, sink):
        self.sink = sink
        self.rest = b""
        self.body = self.held = False
        self.sender = self.recipient = None

    def connection_made(self, transport):
        first = not self.rest and self.sender is None and not hasattr(self, "transport")
        self.transport = transport
        if first:
            self.sink.connections += 1
            self.say("greeting")

    def connection_lost(self, problem):
        self.held = True

    def data_received(self, data):
        self.rest += data
        self.go_on()

    def go_on(self):
        while not self.held and not self.transport.is_closing():
            if self.body:
                if not self.read_body():
                    return
            else:
                line, found, rest = self.rest.partition(b"\r\n")
                if not found:
                    return
                self.rest = rest
                self.command(line)

    def read_body(self):
        if self.rest and self.sink.faults.get("body") and (action := self.sink.next("body")):
            self.act(action)
            return False
        raw, found, rest = self.rest.partition(b"\r\n.\r\n")
        if not found:
            return False
        self.rest, self.body = rest, False
        self.sink.record(self.sender, self.recipient, raw)
        self.say("end")
        return True

    def command(self, line):
        self.sink.commands.append(line)
        word = WORDS.get(line[:4].upper())
        if line[:4].upper() == b"QUIT":
            self.transport.write(b"221 Bye\r\n")
            self.transport.close()
        elif word == "ehlo":
            offers = [f"250-{offer}" for offer in ("sink.example.org", *self.sink.offers)]
            self.say("ehlo", "\r\n".join([*offers, "250 HELP"]))
        elif word == "auth":
            self.authenticate(line)
        elif word:
            self.envelope(word, line)
        elif self.rest == b"" and self.sender is None:
            self.say("auth", "334 UGFzc3dvcmQ6" if not hasattr(self, "user") else GOOD["auth"])
            self.user = line
        else:
            self.transport.write(b"502 5.5.1 What?\r\n")

    def envelope(self, word, line):
        path = line.partition(b"<")[2].partition(b">")[0].decode()
        if word == "mail":
            self.sender, self.recipient = path, None
        elif word == "rset":
            self.sender = self.recipient = None
        if word == "rcpt" and self.sender is None or word == "data" and self.recipient is None:
            self.transport.write(b"503 5.5.1 Out of order\r\n")
            return
        if word == "starttls":
            self.transport.pause_reading()         # what comes next is for TLS
        good = self.say(word)
        if word == "mail" and not good:
            self.sender = None
        if word == "rcpt" and good:
            self.recipient = path
        if word == "data" and good:
            self.body = True
        if word == "starttls" and good:
            self.held = True
            asyncio.ensure_future(self.start_tls())

    async def start_tls(self):
        self.rest = b""
        try:
            secure = await asyncio.get_running_loop().start_tls(
                self.transport, self, self.sink.context, server_side=True)
        except OSError:
            self.transport.abort()
            return
        if secure:                                 # None: they have left already
            self.transport, self.held = secure, False
            self.go_on()                           # they may have spoken in the same breath

    def authenticate(self, line):
        words = line.split()
        if words[1].upper() == b"LOGIN":
            self.transport.write(b"334 VXNlcm5hbWU6\r\n")
            return
        self.sink.passwords.append(base64.b64decode(words[2]).decode())
        self.say("auth")

    def say(self, phase, good=None):
        """Answer as told, else well. True when the answer was good."""
        action = self.sink.next(phase)
        if action:
            self.act(action)
            return action[:1] in "23"
        answer = (good or GOOD[phase]).encode() + b"\r\n"
        if phase == "end" and self.sink.delay:
            self.held = True
            asyncio.get_running_loop().call_later(self.sink.random.uniform(0, self.sink.delay), self.late, answer)
        else:
            self.transport.write(answer)
        return True

    def late(self, answer):
        if not self.transport.is_closing():
            self.held = False
            self.transport.write(answer)
            self.go_on()

    def act(self, action):
        if action == "drop":
            self.transport.abort()
        elif action == "hang":
            self.held = True
        elif action.startswith("raw:"):
            self.transport.write(action[4:].encode("latin-1"))
        else:
            self.transport.write(action.encode() + b"\r\n")
            if action.startswith("421"):
                self.transport.close()


class Sink:
    """The server. `faults` is {phase: [action or None, ...]} in order, or {phase: (action, share)} at random."""

    def __init__(self, file=None, faults=None, offers=("PIPELINING", "SIZE 35882577"), seed=0, delay=0, context=None,
                 smtps=False, port=0):
        self.faults = {phase: list(told) if isinstance(told, list) else told for phase, told in (faults or {}).items()}
        self.offers, self.delay, self.context, self.smtps, self.port = offers, delay, context, smtps, port
        self.random = random.Random(seed)
        self.file = file and os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.messages, self.commands, self.passwords = [], [], []
        self.connections = 0

    def next(self, phase):
        told = self.faults.get(phase)
        if isinstance(told, list):
            return told.pop(0) if told else None
        return told[0] if told and self.random.random() < told[1] else None

    def record(self, sender, recipient, raw):
        """Write down a message that ended, before anybody hears about it."""
        if self.file is None:
            self.messages.append((sender, recipient, raw))
            return
        found = HEADER.search(raw)
        line = {"id": found[1].decode() if found else "", "from": sender, "to": recipient,
                "at": clock.now().timestamp()}
        os.write(self.file, json.dumps(line).encode() + b"\n")

    async def serve(self):
        self.server = await asyncio.get_running_loop().create_server(
            lambda: Talk(self), "127.0.0.1", self.port, ssl=self.context if self.smtps else None)
        self.port = self.server.sockets[0].getsockname()[1]

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self.serve())
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    @property
    def recipients(self):
        return [recipient for _, recipient, _ in self.messages]


def fault(text):
    phase, _, rest = text.partition("=")
    action, _, share = rest.rpartition("@")
    return phase, (action, float(share))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--fault", type=fault, action="append", default=[])
    told = parser.parse_args()
    sink = Sink(told.file, dict(told.fault), seed=told.seed, delay=told.delay, port=told.port)
    loop = asyncio.new_event_loop()
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    loop.run_until_complete(sink.serve())
    sys.stdout.write(f"{sink.port}\n")
    sys.stdout.flush()
    loop.run_forever()


if __name__ == "__main__":
    main()
