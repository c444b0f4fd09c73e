"""Whole numbers as people and addresses write them."""

DIGITS = 9                                         # any such number fits every column


def number(text, digits=DIGITS):
    """The number that `text` writes with at most so many digits, 0 to 9; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
