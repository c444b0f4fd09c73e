"""Colours and whether they can be read on each other (WCAG 2.2, contrast 4.5 : 1 for text)."""

import re

from maestro.lib.errors import Refused

READABLE = 4.5
WHITE, BLACK = (255, 255, 255), (0, 0, 0)

_hex = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def parse(text, field):
    """`#0c7a6b` or `#fff` as (red, green, blue)."""
    if not _hex.fullmatch(text):
        raise Refused("Write a colour as # and six digits or letters from a to f, such as #0c7a6b.", field)
    digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
    return tuple(int(digits[at:at + 2], 16) for at in (0, 2, 4))


def written(colour):
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour):
    """Relative luminance, 0 to 1."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def made_readable(colour, ground, towards):
    """`colour`, moved towards black or white until it can be read on `ground`."""
    for step in range(101):
        moved = tuple(round(part + (end - part) * step / 100) for part, end in zip(colour, towards, strict=True))
        if contrast(moved, ground) >= READABLE:
            return moved
    return towards
