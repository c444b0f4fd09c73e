"""How much of a file is read before it is refused: no upload may eat the memory or the hours of this machine."""

from maestro.lib.errors import Refused

UPLOAD = 100_000_000          # bytes of an uploaded file
UNPACKED = 1_000_000_000      # bytes that a compressed file may grow to
RATIO = 100                   # times its size that it may grow, once it has passed FREE
FREE = 20_000_000
ROWS = 5_000_000
COLUMNS = 200
FIELD = 10_000                # characters
LINE = 4_000_000              # characters of a row: more than its cells may have together
HELD = 16_000_000             # characters of rows that are held at once by the slow reader
SHEET_ROW = 32_000_000        # bytes of a row of a workbook
SHARED_TEXTS = 64_000_000     # bytes of a workbook's table of texts, which is held in memory


def check_growth(packed, unpacked):
    if unpacked > UNPACKED or (unpacked > FREE and unpacked > RATIO * packed):
        raise Refused("This compressed file grows too large when it is opened. Upload it in parts.", "file")


def check_columns(count):
    if count > COLUMNS:
        raise Refused(f"This file has {count:,} columns; the limit is {COLUMNS}. Is the separator right?", "file")


def check_rows(count):
    if count > ROWS:
        raise Refused(f"This file has more than {ROWS:,} rows. Import it in parts.", "file")
