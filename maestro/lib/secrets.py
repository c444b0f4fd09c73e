"""Secrets at rest: keys derived from the one master key, and values sealed under them."""

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"       # none is taken for another


def derive(master, purpose, length=32):
    """A key of its own for each purpose (RFC 5869), so that one use tells nothing about another."""
    return HKDF(SHA256(), length, salt=None, info=purpose.encode()).derive(master.encode())


def public_key():
    """A name for public addresses that says nothing and is not guessed: 60 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def digest(token):
    """What is stored of a random token: enough to recognise it, too little to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def fingerprint(master, purpose, text):
    """A keyed hash (HMAC-SHA256, hex) to look something up that is not stored in clear."""
    return hmac.new(derive(master, purpose), text.encode(), hashlib.sha256).hexdigest()


def seal(master, place, text):
    """Encrypt `text` with AES-256-GCM, bound to its `place` ("table:column:row"): it opens nowhere else."""
    nonce = os.urandom(12)
    sealed = AESGCM(derive(master, "seal/1")).encrypt(nonce, text.encode(), place.encode())
    return "1." + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(master, place, sealed):
    """The text sealed at `place`. Raises ValueError when it was changed, moved or sealed with another key."""
    version, _, rest = sealed.partition(".")
    raw = base64.urlsafe_b64decode(rest)
    try:
        return AESGCM(derive(master, f"seal/{version}")).decrypt(raw[:12], raw[12:], place.encode()).decode()
    except InvalidTag:
        raise ValueError(f"The secret at {place} cannot be opened with this key.") from None
