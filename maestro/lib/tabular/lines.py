"""The lines of a text for a reader of rows, never more than a row's limit of them in memory."""

import io

from maestro.lib.tabular.batch import Bad
from maestro.lib.tabular.limits import LINE


class Endless(Exception):
    """A row goes on and on: most likely over a quote that is never closed."""


class Lines:
    """Lines from number `first` on. Those that are too long are passed over, and told in `bad`.

    The reader says with `begin_row` where a row ended: `row` is then the line where the next one begins, and `size`
    counts its characters.
    """

    def __init__(self, stream, first):
        self.text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        self.next = first
        self.bad = []
        self.begin_row()

    def begin_row(self):
        self.row, self.size = None, 0

    def __iter__(self):
        while line := self.text.readline(LINE):
            if len(line) == LINE and line[-1] not in "\r\n":
                self.pass_over(line)
                continue
            self.row = self.row or self.next
            self.next, self.size = self.next + 1, self.size + len(line)
            if self.size > LINE:
                raise Endless
            yield line

    def pass_over(self, line):
        if self.row:
            raise Endless
        reason = f"The line has more than {LINE:,} characters."
        self.bad.append(Bad(self.next, line[:60], reason))
        while line and line[-1] not in "\r\n":
            line = self.text.readline(LINE)
        self.next += 1

    def told(self):
        """The lines that were passed over since the last time."""
        found, self.bad = self.bad, []
        return found
