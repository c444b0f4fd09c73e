"""How a text file is written: its separator, quote character, encoding and whether it begins with a header.

Guessed from a sample; every guess can be changed by the user.
"""

import codecs
import csv
import re
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice

from maestro.lib.errors import Refused
from maestro.lib.tabular.limits import LINE
from maestro.lib.tabular.packed import pieces

SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
QUOTES = {'"': 'Double quote "', "'": "Single quote '", "": "None"}
ENCODINGS = {
    "utf-8": "Unicode (UTF-8)", "utf-16": "Unicode (UTF-16)", "cp1252": "Western European (Windows-1252)",
    "iso-8859-1": "Western European (ISO 8859-1)", "iso-8859-15": "Western European with euro (ISO 8859-15)",
    "cp1250": "Central European (Windows-1250)", "iso-8859-2": "Central European (ISO 8859-2)",
    "cp1251": "Cyrillic (Windows-1251)", "koi8-r": "Cyrillic (KOI8-R)", "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)", "cp1255": "Hebrew (Windows-1255)", "cp1256": "Arabic (Windows-1256)",
    "cp1257": "Baltic (Windows-1257)", "cp437": "DOS (CP437)", "cp850": "DOS (CP850)", "mac-roman": "Macintosh Roman",
    "shift_jis": "Japanese (Shift JIS)", "euc-jp": "Japanese (EUC)", "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)", "euc-kr": "Korean (EUC)",
}
SAMPLE = 65_536                 # bytes looked at for everything but the encoding
LOOK = 100                      # rows
SEPARATOR = re.compile(r"[\t !-/:-@\[-`{-~]")                   # one sign of ASCII that is no letter and no digit
VALUE = re.compile(r"@|^[\d\s.,:/+-]*\d[\d\s.,:/+-]*$")       # an address, a number, a date: no name of a column


@dataclass(frozen=True)
class Dialect:
    """`separator` and `quote` are one character each; an empty quote means that nothing is quoted."""

    separator: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True

    @classmethod
    def of(cls, given):
        """From what a form or a stored run says; unknown keys are ignored."""
        dialect = cls(**{name: given[name] for name in asdict(cls()) if name in given})
        return dialect.checked()

    def as_dict(self):
        return asdict(self)

    def checked(self):
        if not SEPARATOR.fullmatch(self.separator):
            raise Refused("The separator is one character, such as a comma.", "separator")
        if self.quote not in QUOTES or self.quote == self.separator:
            raise Refused("Choose a quote character that is not the separator.", "quote")
        if self.encoding not in ENCODINGS:
            raise Refused("Choose a character set from the list.", "encoding")
        return self

    def reader(self, lines):
        """Python's own CSV reader over lines of text: slower, and right about everything."""
        csv.field_size_limit(LINE)
        quoting = csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote or None, quoting=quoting)


def guess(path):
    """The dialect of the text file at `path`."""
    encoding = guess_encoding(path)
    text = sample(path, encoding)
    quote = guess_quote(text)
    separator = guess_separator(text, quote)
    return Dialect(separator, quote, encoding, has_header(rows_of(text, separator, quote)))


def guess_encoding(path):
    begin = next(pieces(path), b"")[:SAMPLE]
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if is_utf8(path):
        return "utf-8"
    undefined = re.search(rb"[\x81\x8d\x8f\x90\x9d]", begin)
    return "iso-8859-1" if undefined else "cp1252"


def is_utf8(path):
    """The whole file is looked at: the first umlaut may stand in its last line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def sample(path, encoding):
    """The first lines, without a byte order mark and without a line that is cut off in the middle."""
    begin = next(pieces(path), b"")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(begin[:SAMPLE]).lstrip("\ufeff")
    if len(begin) > SAMPLE and "\n" in text:
        text = text[: text.rfind("\n") + 1]
    return text.replace("\0", "")


def guess_quote(text):
    single = len(re.findall(r"(?:^|[,;|\t])'[^'\n]*'(?=[,;|\t\r\n]|$)", text, re.MULTILINE))
    return "'" if single > text.count('"') else '"'


def guess_separator(text, quote):
    """The candidate under which most rows have the same number of columns, and of those the one with most columns."""
    def score(separator):
        widths = Counter(len(row) for row in rows_of(text, separator, quote))
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (width > 1, rows / max(widths.total(), 1), width)
    return max(SEPARATORS, key=score)


def rows_of(text, separator, quote):
    try:
        return [row for row in islice(Dialect(separator, quote).reader(text.splitlines(True)), LOOK) if any(row)]
    except csv.Error:
        return []


def has_header(rows):
    """Names stand above values: a first row that holds an address, a number or a date is data."""
    return bool(rows) and all(cell.strip() for cell in rows[0][:1]) and not any(VALUE.search(cell) for cell in rows[0])
