"""Rows gathered one by one."""

from maestro.lib.tabular.batch import Bad, frame_of, tidy, too_long
from maestro.lib.tabular.limits import FIELD, HELD

ROWS = 10_000                    # in a batch


class Page:
    """Rows on their way into a batch, which is full after many rows or many characters. `separator` is for showing."""

    def __init__(self, width, separator=" "):
        self.width, self.separator = width, separator
        self.empty()

    def empty(self):
        self.good, self.lines, self.bad, self.size = [], [], [], 0

    def put(self, at, row):
        if len(row) != self.width:
            if any(row):
                self.leave_out(at, row, f"The row has {len(row)} cells instead of {self.width}.")
        elif (longest := max(map(len, row))) > FIELD:
            self.leave_out(at, row, too_long(longest))
        else:
            self.good.append(row)
            self.lines.append(at)
            self.size += sum(map(len, row))

    def leave_out(self, at, row, reason):
        self.bad.append(Bad(at, self.separator.join(cell[:60] for cell in row[:60])[:60], reason))

    def has_rows(self):
        return bool(self.good or self.bad)

    def is_full(self):
        return len(self.good) + len(self.bad) >= ROWS or self.size > HELD

    def take(self, unread=()):
        """The batch, with further bad rows that never became cells."""
        batch = tidy(frame_of(self.good, self.lines, self.width), [*self.bad, *unread])
        self.empty()
        return batch
