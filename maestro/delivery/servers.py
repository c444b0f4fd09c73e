"""Where mail leaves: the mail server, read from its URL."""

import ipaddress
import ssl
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from maestro.accounts import settings
from maestro.lib import egress
from maestro.lib.errors import Refused

TLS = ("none", "starttls")


class Route(NamedTuple):
    """A mail server and how it is used."""

    host: str
    port: int
    tls: str                                       # none, starttls, smtps
    user: str = ""
    password: str = ""
    connections: int = 10
    messages: int = 100                            # of one connection, before it is renewed
    scale: float = 1.0                             # of all time limits
    allow: tuple | None = None                     # None: trusted; else the private addresses that egress lets through

    def __repr__(self):
        return f"Route({self.host}:{self.port}, {self.tls})"

    @property
    def context(self):
        """How TLS is spoken: with verified certificates, except on this very machine."""
        if self.tls == "none":
            return None
        context = ssl.create_default_context()
        if is_loopback(self.host):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


    def places(self):
        """Where to connect: to the name, or where a user gave it, to its addresses as `egress` has checked them."""
        return [self.host] if self.allow is None else egress.resolve(self.host, self.port, "smtp", self.allow)


def chosen(config):
    """The route in force, None in safe mode. The server of the environment is trusted, that of the page is checked."""
    found = route(settings.smtp_url(config))
    return found if config.SMTP_URL or not found else found._replace(allow=config.EGRESS_ALLOW)


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def route(url):
    """The route that a URL such as smtp://user:password@host:port?tls=starttls names; None without one: safe mode."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("The mail server's URL cannot be read.", "smtp_url") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise Refused("The mail server's URL must look like smtp://user:password@host:port.", "smtp_url")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = "smtps" if parts.scheme == "smtps" else options.get("tls", default_tls(parts))
    if tls not in (*TLS, "smtps"):
        raise Refused("tls in the mail server's URL must be none or starttls.", "smtp_url")
    return Route(parts.hostname, port or {"smtps": 465, "starttls": 587, "none": 25}[tls], tls,
                 unquote(parts.username or ""), unquote(parts.password or ""),
                 number(options, "connections", 10), number(options, "messages", 100))


def default_tls(parts):
    """In clear to this machine, under TLS to any other."""
    return "none" if is_loopback(parts.hostname) else "starttls"


def number(options, name, default):
    text = options.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise Refused(f"{name} in the mail server's URL must be a number from 1 to 1000.", "smtp_url")
    return int(text)
