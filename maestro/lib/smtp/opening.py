"""How an SMTP session begins: connection, greeting, EHLO, TLS, authentication."""

import asyncio
import base64
import os
import ssl

from maestro.lib.errors import MaestroError, NotNow
from maestro.lib.smtp.failures import AUTH, CONNECT, EHLO, GREETING, LIMITS, TLS, Failure
from maestro.lib.smtp.replies import Reader, keywords


class Opening(asyncio.Protocol):
    """The part of a session that is a dialogue, one command at a time."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.reader = Reader()
        self.transport = None
        self.phase = CONNECT
        self.opened = self.over = False
        self.offered = {}                          # what the server says that it can do
        self._heard = asyncio.Queue()

    async def open(self, server, name="localhost", context=None):
        """Make the session ready for messages. Raises Failure.

        `server` has host, port, tls, user, password, and `places()`: the hosts or addresses to connect to.
        """
        self.context, self.server = context, server
        await self._connect()
        self._expect(await self._answer(GREETING), GREETING)
        await self._hello(name)
        if server.tls == "starttls":
            await self._start_tls()
            await self._hello(name)
        if server.user:
            await self._authenticate()
        self._take()
        self.ready()

    def connection_made(self, transport):
        self.transport = transport

    def heard(self, reply):
        self._heard.put_nowait(reply)

    def give_up(self, failure):
        self._heard.put_nowait(failure)

    async def _connect(self):
        server = self.server
        tls = {"ssl": self.context, "server_hostname": server.host} if server.tls == "smtps" else {}
        try:
            async with asyncio.timeout(LIMITS[CONNECT] * self.scale):
                await self._reach(await asyncio.to_thread(server.places), tls)
        except MaestroError as refusal:
            raise self._failed(CONNECT, refusal.sentence.rstrip("."), lasting=not isinstance(refusal, NotNow)) from None
        except ssl.SSLCertVerificationError as problem:
            raise self._failed(TLS, f"The certificate is not good: {problem.verify_message}", lasting=True) from None
        except ssl.SSLError as problem:
            raise self._failed(TLS, f"TLS did not come about: {reason(problem)}") from None
        except (OSError, TimeoutError) as problem:
            raise self._failed(CONNECT, f"The mail server cannot be reached: {reason(problem)}") from None

    async def _reach(self, places, tls):
        """Connect to the first place that takes us."""
        *before, last = places
        for place in before:
            try:
                return await self._dial(place, tls)
            except OSError:
                pass
        return await self._dial(last, tls)

    async def _dial(self, place, tls):
        await self.loop.create_connection(lambda: self, place, self.server.port, **tls)

    async def _hello(self, name):
        self.offered = keywords(self._expect(await self._say(EHLO, f"EHLO {name}"), EHLO))

    async def _start_tls(self):
        if "STARTTLS" not in self.offered:
            raise self._failed(TLS, "The mail server does not offer STARTTLS", lasting=True)
        self._expect(await self._say(TLS, "STARTTLS"), TLS)
        if self.reader.rest or not self._heard.empty():          # said in clear, meant to be heard under TLS
            raise self._failed(TLS, "Somebody spoke between the mail server and us", lasting=True)
        try:
            async with asyncio.timeout(LIMITS[TLS] * self.scale):
                self.transport = await self.loop.start_tls(
                    self.transport, self, self.context, server_hostname=self.server.host)
        except ssl.SSLCertVerificationError as problem:
            raise self._failed(TLS, f"The certificate is not good: {problem.verify_message}", lasting=True) from None
        except (OSError, TimeoutError) as problem:
            raise self._failed(TLS, f"TLS did not come about: {reason(problem)}") from None

    async def _authenticate(self):
        user, password = self.server.user, self.server.password
        known = self.offered.get("AUTH", "").upper().split()
        if "LOGIN" in known and "PLAIN" not in known:
            self._expect(await self._say(AUTH, "AUTH LOGIN"), AUTH, 334)
            self._expect(await self._say(AUTH, encoded(user)), AUTH, 334)
            self._expect(await self._say(AUTH, encoded(password)), AUTH)
        else:
            self._expect(await self._say(AUTH, f"AUTH PLAIN {encoded(f'{chr(0)}{user}{chr(0)}{password}')}"), AUTH)

    def _take(self):
        """What of the server's offers is used from here on."""
        offered = self.offered
        self.pipelining = "PIPELINING" in offered
        self.international = "SMTPUTF8" in offered
        self.sized = "SIZE" in offered
        self.largest = int(offered["SIZE"]) if offered.get("SIZE", "").isdigit() else 0

    async def _say(self, phase, line):
        self.transport.write(line.encode() + b"\r\n")
        return await self._answer(phase)

    async def _answer(self, phase):
        self.phase = phase
        try:
            async with asyncio.timeout(LIMITS[phase] * self.scale):
                heard = await self._heard.get()
        except TimeoutError:
            raise self._failed(phase, "The mail server did not answer in time") from None
        if isinstance(heard, Failure):
            raise heard
        return heard

    def _expect(self, reply, phase, code=None):
        """The reply, if it is good; a wrong password, or none where one is needed, will not become right."""
        if reply.code != code and not reply.good:
            lasting = phase == AUTH and reply.code >= 500 or reply.code == 530
            raise self._failed(phase, f"The mail server answered {reply}", reply, lasting)
        return reply

    def _failed(self, phase, words, reply=None, lasting=False):
        self.drop()
        return Failure(phase, words, reply, lasting)

    def drop(self):
        """Give up a session while it is being opened."""
        self.over = True
        if self.transport:
            self.transport.abort()


def reason(problem):
    """Why there is no connection, without the numbers and addresses that Python puts into it."""
    if isinstance(problem, ssl.SSLError):
        return (problem.reason or "it broke off").replace("_", " ").lower()
    if problem.errno and problem.errno > 0:
        return os.strerror(problem.errno).lower()
    return (problem.strerror or str(problem) or "no answer in time").lower()


def encoded(text):
    return base64.b64encode(text.encode()).decode()
