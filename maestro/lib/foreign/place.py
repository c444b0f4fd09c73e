"""Where another database is, in separate fields: a line of options could carry files, services and sockets with it."""

import socket
import ssl
from dataclasses import dataclass, field
from typing import NamedTuple

from maestro.lib import egress
from maestro.lib.errors import NotNow, Refused

TLS = ("none", "require", "verify")
PATIENCE = 10                    # seconds until a connection must stand
BATCH = 1000                     # rows fetched at once
SAID = 300                       # characters that are shown of what another database says


@dataclass(frozen=True)
class Place:
    """`database` is a name, a service, or a file below one of `folders`; `allow` is MAESTRO_EGRESS_ALLOW.

    `own` are databases that are ours, and no source: "postgresql HOST:PORT/NAME" or the path of a file.
    """

    kind: str
    host: str = ""
    port: int = 0
    database: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    tls: str = "verify"
    authority: str = ""
    allow: tuple = ()
    folders: tuple = ()
    own: tuple = ()

    def addresses(self, purpose="db"):
        """The checked addresses of the host, the first one to be tried first."""
        check_name(self.host, "host")
        return egress.resolve(self.host, self.port, purpose, self.allow)

    def socket(self, purpose="db"):
        """A connected socket to a checked address."""
        for address in self.addresses(purpose):
            try:
                return socket.create_connection((address, self.port), PATIENCE)
            except OSError:
                continue
        raise NotNow(f"Nobody answers at {self.host}:{self.port}.", "host")

    def context(self):
        """How TLS is spoken to it; None where it is not."""
        if self.tls == "none":
            return None
        context = ssl.create_default_context(cadata=self.authority or None)
        if self.tls == "require":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def scrubbed(self, problem):
        """What a database said, short and without the password."""
        text = " ".join(str(problem).split())
        return (text.replace(self.password, "***") if self.password else text)[:SAID]


class Rights(NamedTuple):
    """What an account may do there. `writes`: tables it may change; `dangers`: sentences about what goes beyond."""

    version: str
    writes: list
    dangers: list


def check_name(text, field):
    """Refuse what a driver would take for something else: sockets, options, invisible letters."""
    if not text or text[0] in "/@|" or not text.isprintable() or set(text) & set(" =?&;'\"\\") or "://" in text:
        raise Refused("This is no plain name.", field)
