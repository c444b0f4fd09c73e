"""Asking the mail server whether it takes us: everything that comes before the first message, and no message."""

import asyncio
from typing import NamedTuple
from urllib.parse import urlsplit

from maestro.lib.smtp.failures import AUTH, CONNECT, EHLO, GREETING, TLS, Failure
from maestro.lib.smtp.session import Session

PATIENCE = 15                                      # seconds for all of it: somebody sits and waits
STEPS = {                                          # where it ended, in words
    CONNECT: "No connection came about.", GREETING: "It did not greet us.", EHLO: "It did not like our greeting.",
    TLS: "No encryption came about.", AUTH: "It did not accept the log-in.",
}


class Contact(NamedTuple):
    """How it went: `outcome` is "accepted" or the step of SMTP that failed, `sentences` tell it to people."""

    outcome: str
    sentences: list

    @property
    def good(self):
        return self.outcome == "accepted"


def ask(route, config):
    """Connect as a delivery would, start TLS, log in, and leave."""
    return asyncio.run(meet(route, urlsplit(config.public_url).hostname))


async def meet(route, name):
    session = Session(None, route.scale)
    try:
        async with asyncio.timeout(PATIENCE * route.scale):
            await session.open(route, name, route.context)
    except Failure as failure:
        return Contact(failure.phase, [*told(session, route), STEPS[failure.phase], f"{failure.words}."])
    except TimeoutError:
        session.drop()
        waited = f"Nothing was heard for {PATIENCE} seconds."
        return Contact(session.phase, [*told(session, route), STEPS[session.phase], waited])
    session.quit()
    return Contact("accepted", [*told(session, route), logged_in(route)])


def told(session, route):
    """What is known of a server as far as we came."""
    if session.transport:
        yield f"Connected to {route.host}, port {route.port}."
        if secure := session.transport.get_extra_info("ssl_object"):
            yield f"The connection is encrypted ({secure.version()})."
        elif route.tls == "none":
            yield "The connection is not encrypted."
    _name, *words = session.offered or [""]
    if words:
        yield f"It offers {', '.join(words)}."


def logged_in(route):
    return "It accepted the log-in." if route.user else "No log-in was asked for, because no user name is set."
