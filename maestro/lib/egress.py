"""The one way out to hosts that a user named: resolved once, checked, and then reached at the checked address only."""

import ipaddress
import re
import socket

from maestro.lib.errors import Forbidden, NotNow, Refused

PURPOSES = ("db", "url", "ldap", "smtp", "imap")
ENTRY = re.compile(rf"({'|'.join(PURPOSES)})=([0-9.]+(?:/\d+)?|\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:.]+/\d+)(?::(\d+))?")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
TEREDO = ipaddress.ip_network("2001::/32")
CLOSED = "This address lies in a private network. An administrator can open it with MAESTRO_EGRESS_ALLOW."


def resolve(host, port, purpose, allow=(), look_up=socket.getaddrinfo):
    """The addresses of `host` that may be connected to, in the resolver's order.

    `allow` has entries such as "db=10.0.0.0/8:5432". One address that may not be reached closes the name: whoever mixes
    public and private ones wants us to try.
    """
    found = addresses(host, port, look_up)
    opened = [network for network in map(entry, allow) if network[0] == purpose and network[2] in (None, port)]
    for address in found:
        if not is_public(address) and not any(is_in(address, network) for _, network, _ in opened):
            raise Forbidden(CLOSED, "host")
    return [str(address) for address in found]


def addresses(host, port, look_up):
    """Every address of a host, once each. The resolver understands 127.1 and 0x7f000001, so we need not."""
    name = host.strip().strip("[]")
    if not name or set(name) & set("%/ ") or not name.isprintable():
        raise Refused("This is no name of a host.", "host")
    try:
        answers = look_up(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise NotNow("The host's name cannot be resolved.", "host") from None
    return list(dict.fromkeys(ipaddress.ip_address(answer[4][0].partition("%")[0]) for answer in answers))


def is_public(address):
    """Whether an address lies in the internet, and does not lead back into a private network."""
    inner = wrapped(address)
    if inner:
        return is_public(inner)
    special = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not special


def wrapped(address):
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if address.version == 4:
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:               # ::127.0.0.1, deprecated and still understood
        return ipaddress.IPv4Address(int(address))
    if address in SIX_TO_FOUR:
        return address.sixtofour
    if address in TEREDO:
        return address.teredo[1]
    return address.ipv4_mapped


def is_in(address, network):
    inner = wrapped(address) or address
    return inner.version == network.version and inner in network


def entry(text):
    """purpose=cidr:port as (purpose, network, port); without a port any."""
    found = ENTRY.fullmatch(text)
    try:
        purpose, cidr, port = found.groups()
        return purpose, ipaddress.ip_network(cidr.strip("[]"), strict=False), int(port) if port else None
    except (AttributeError, ValueError):
        raise Refused(f"MAESTRO_EGRESS_ALLOW has {text!r}; it must be like db=10.0.0.0/8:5432.") from None
