"""Tokens in the links of mails: signed, for one purpose each, checked without the database.

Layout: base64url(kind:1 | key version:1 | id:8 | epoch:2 | mac:12), 32 characters. Kind `l` (a link) has two more
bytes after the epoch, the number of the link. Each kind is signed with a key of its own, so a token for
one thing is worthless for another.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from typing import NamedTuple

from maestro.lib.secrets import derive

KINDS = "upoflbv"                  # unsubscribe, profile, open, forward, link, bounce, view in browser
VERSION = 1
HEAD = struct.Struct(">cBQH")
MAC = 12
URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Read(NamedTuple):
    """What a valid token says: `id` is a subscription, recipient or random number, by the kind."""

    id: int
    epoch: int
    number: int = 0


class Maker:
    """Mints and reads tokens under one master key."""

    def __init__(self, master):
        self._keyed = {
            kind: hmac.new(derive(master, f"tok/{kind}{VERSION}"), digestmod=hashlib.sha256) for kind in KINDS
        }

    def mint(self, kind, id, epoch=0):
        return self._sign(kind, HEAD.pack(kind.encode(), VERSION, id, epoch))

    def mint_link(self, id, epoch, number, data=b""):
        """A token for link `number`; `data` (bytes that follow it in the URL) is covered by its signature."""
        return self._sign("l", HEAD.pack(b"l", VERSION, id, epoch) + number.to_bytes(2, "big"), data)

    def read(self, kind, token, data=b""):
        """What `token` says, or None when it is not a token of this kind and key."""
        try:
            raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
        except ValueError:
            return None
        body, mac = raw[:-MAC], raw[-MAC:]
        if len(body) != HEAD.size + (2 if kind == "l" else 0) or body[:2] != kind.encode() + bytes([VERSION]):
            return None
        if not hmac.compare_digest(mac, self._mac(kind, body, data)):
            return None
        _, _, id, epoch = HEAD.unpack(body[: HEAD.size])
        return Read(id, epoch, int.from_bytes(body[HEAD.size :], "big"))

    def _mac(self, kind, body, data=b""):
        keyed = self._keyed[kind].copy()
        keyed.update(body + data)
        return keyed.digest()[:MAC]

    def _sign(self, kind, body, data=b""):
        """Dozens of them go into each message: twice as quick as base64.urlsafe_b64encode with its padding cut off."""
        raw = binascii.b2a_base64(body + self._mac(kind, body, data), newline=False)
        return raw.translate(URL_SAFE, b"=").decode()
