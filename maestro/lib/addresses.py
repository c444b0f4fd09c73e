"""E-mail addresses: which we accept (RFC 5321 dot-atoms, international domains) and which of them are one."""

import re
from typing import NamedTuple

import idna

from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _

FAST = (
    r"^[A-Za-z0-9_+&'/=-]{1,32}(?:\.[A-Za-z0-9_+&'/=-]{1,15}){0,2}"
    r"@(?:[A-Za-z0-9]{1,25}(?:-[A-Za-z0-9]{1,20}){0,1}\.){1,4}[A-Za-z]{2,24}$"
)
"""Plain addresses that need no further judging, in the dialect that Python and polars share; key: lower case."""

_fast = re.compile(FAST)
_local = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_blank = " \t\u00a0"


class AddressError(Refused):
    """The text is no address that we can write to."""

    def __init__(self, sentence, field="address"):
        super().__init__(sentence, field)


class Address(NamedTuple):
    """`given` is written on envelopes, `key` tells people apart, `domain` is the lower-case A-label form."""

    given: str
    key: str
    domain: str


def judge(text):
    """The address in `text`. Blanks around it are forgiven, everything else is judged."""
    text = text.strip(_blank)
    if _fast.fullmatch(text):
        key = text.lower()
        return Address(text, key, key.partition("@")[2])
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise AddressError(_("An address has a name, an @ and a domain, such as ann@example.org."))
    _judge_local(local)
    domain = _ascii(domain)
    given = f"{local}@{domain}"
    if len(given) > 254:
        raise AddressError(_("This address is longer than the 254 characters that mail allows."))
    return Address(given, given.lower(), domain)


def key(text):
    """What two spellings of one mailbox have in common: lower case throughout, the domain as A-labels."""
    return judge(text).key


def mask(address):
    """Enough to recognise one's own address, too little to learn another's."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}••••@{domain}"


def _judge_local(local):
    if not local.isascii():
        raise AddressError(_("The part before the @ may only have letters without accents, digits and common signs."))
    if local[0] == '"' or "(" in local or ")" in local:
        raise AddressError(_("Addresses with quotes or comments are not accepted. Write only the address itself."))
    if not _local.fullmatch(local):
        raise AddressError(_("The part before the @ has a character, a space or a dot where none may stand."))
    if len(local) > 64:
        raise AddressError(_("The part before the @ is longer than 64 characters."))


def _ascii(domain):
    """The domain as lower-case A-labels (UTS 46, then IDNA 2008)."""
    if domain[0] == "[":
        raise AddressError(_("An address needs a domain name. A number in brackets is not accepted."))
    try:
        label = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise AddressError(_("“%(domain)s” is not a domain name.", domain=domain[:80])) from None
    if "." not in label or len(label) > 253:
        raise AddressError(_("The domain after the @ needs at least one dot, such as example.org."))
    if not label.rpartition(".")[2][:1].isalpha():
        raise AddressError(_("The domain after the @ must end in a name, such as .org."))
    return label
