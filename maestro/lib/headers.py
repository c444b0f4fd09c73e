"""Header lines of outgoing mail (RFC 5322, 2047), written by us: nothing that a value holds can add a line.

A structured value (addresses, ids, URLs) is ASCII and folds only between its tokens. An unstructured one
(a subject) stands as it is while it is plain, and as RFC 2047 `B` words otherwise.
"""

import base64
import re

from maestro.lib.errors import Refused

WIDTH = 76                    # characters of a line that we aim at, CRLF not counted
LIMIT = 998                   # characters that a line may never exceed (RFC 5322, 2.1.1)
TOTAL = 32_768                # octets of all headers
CHUNK = 39                    # octets of text in an encoded word: 12 + 52 in base64, so that it fits behind "Subject: "

_name = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_token = re.compile(r"[!-~]+")
_address = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+", re.IGNORECASE)
_target = re.compile(r"[!-;=?-~]+")
_atoms = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_plain = re.compile(r"[!-~]{1,60}(?: [!-~]{1,60})*")
_space = re.compile(r"[\t-\r\x85\u2028\u2029 ]+")
_control = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class HeaderError(Refused):
    """A value that must not stand in a header."""


def clean(text):
    """`text` on one line: each stretch of white space one space, other controls gone."""
    return _control.sub("", _space.sub(" ", text)).strip()


def unstructured(name, text):
    """A line for people, such as Subject; long ones are folded, whatever is not plain ASCII is encoded."""
    if not _plain.fullmatch(text):
        text = clean(text)
    if "=?" in text or text and not _plain.fullmatch(text):
        return _lines(name, encoded_words(text))
    if len(name) + 2 + len(text) <= WIDTH:
        return f"{name}: {text}\r\n".encode()
    return _lines(name, text.split(" "))


def structured(name, *tokens):
    """A line for machines: tokens joined by ", ", folded only there."""
    for token in tokens:
        if not _token.fullmatch(token):
            raise HeaderError(f"{name} cannot hold {token[:80]!r}.")
    return _lines(name, [f"{token}," for token in tokens[:-1]] + [tokens[-1]])


def mailbox(name, display, address):
    """A line with one address; `display` is left out when nothing of it remains."""
    if not _address.fullmatch(address):
        raise HeaderError(f"{name} cannot hold the address {address[:80]!r}.")
    if not display and len(address) <= WIDTH:
        return f"{name}: {address}\r\n".encode()
    return named(name, display, address)


def named(name, display, target):
    """A line with an address or an identifier, and a name for people before it: From, To, List-Id."""
    if not _target.fullmatch(target):
        raise HeaderError(f"{name} cannot hold {target[:80]!r}.")
    display = " ".join(clean(display).split())
    return _lines(name, phrase(display) + [f"<{target}>"] if display else [target])


def phrase(display):
    """The tokens of a display name: bare words, a quoted string, or encoded words."""
    if not display.isascii() or "=?" in display or len(display) > 200:
        return encoded_words(display)
    if _atoms.fullmatch(display):
        return display.split(" ")
    quoted = re.sub(r'(["\\])', r"\\\1", display)
    return [f'"{quoted}"']


def encoded_words(text):
    """RFC 2047 `B` words of at most 75 characters, cut between characters."""
    words, chunk = [], b""
    for character in text:
        octets = character.encode()
        if len(chunk) + len(octets) > CHUNK:
            words.append(chunk)
            chunk = b""
        chunk += octets
    return [f"=?utf-8?B?{base64.b64encode(chunk).decode()}?=" for chunk in (*words, chunk)]


def block(lines):
    """All header lines as one; refuses what could not be sent."""
    for line in lines:
        name = line.partition(b":")[0].decode("latin-1")
        if not _name.fullmatch(name) or not line.endswith(b"\r\n"):
            raise HeaderError(f"{name[:80]!r} is no header line.")
    joined = b"".join(lines)
    if len(joined) > TOTAL:
        raise HeaderError("The headers of this message are longer than 32 kB. Shorten the subject and the names.")
    return joined


def _lines(name, tokens):
    """`name: tokens` with a fold wherever the next token would pass the width."""
    out, line = [], f"{name}:"
    for token in tokens:
        if len(line) + 1 + len(token) > WIDTH and line != f"{name}:":
            out.append(line)
            line = ""
        line += f" {token}"
    out.append(line)
    if max(map(len, out)) > LIMIT:
        raise HeaderError(f"{name} is too long for one line of mail.")
    return "\r\n".join(out).encode("ascii") + b"\r\n"
