"""Quoted-printable (RFC 2045) in pieces: fixed text is encoded once, values between soft line breaks.

Beyond the letter of the standard: no run of blanks and no blank before a line end stays, so a relaxed DKIM
body equals the bytes sent; no line begins with a dot or with "From ", so neither SMTP nor a mailbox file
changes a line.
"""

import re

SOFT = b"=\r\n"
WIDTH = 72                    # octets of a line before the soft break; the first may grow by two

_unsafe = re.compile(rb"[^ -<>-~]")
_run = re.compile(rb"(?<= ) ")
_harmless = re.compile(r"(?!\.|From )[!-<>-~]+(?: [!-<>-~]+)*")
_dirt = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text):
    """`text` with every line end as one newline and without controls, which no mail can show."""
    return _dirt.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def encode(text):
    """`text` (line ends: newline) as quoted-printable; lines of at most 76, hard breaks as CRLF."""
    return b"\r\n".join(_line(line.encode()) for line in text.split("\n"))


def slot(text):
    """A value that will stand between two soft breaks."""
    if len(text) <= WIDTH and _harmless.fullmatch(text):
        return text.encode()
    return encode(text)


def _line(raw):
    raw = _run.sub(b"=20", _unsafe.sub(lambda match: b"=%02X" % match.group()[0], raw))
    pieces, start = [], 0
    while len(raw) - start > WIDTH:
        end = start + WIDTH
        cut = raw.find(b"=", end - 2, end)
        end = end if cut < 0 else cut
        pieces.append(_guarded(raw[start:end]))
        start = end
    pieces.append(_guarded(raw[start:]))
    if pieces[-1].endswith(b" "):
        pieces[-1] = pieces[-1][:-1] + b"=20"
    return SOFT.join(pieces)


def _guarded(piece):
    if piece.startswith(b"."):
        return b"=2E" + piece[1:]
    if piece.startswith(b"From "):
        return b"=46" + piece[1:]
    return piece
