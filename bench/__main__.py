"""`python -m bench [names] [sizes]`: measure, print, and write the table in bench/README.md when that was everything.

Sizes are rows, people or messages, as the bench counts; without any each takes its own.
"""

import importlib
import sys

from bench import table
from maestro.lib import clock

BENCHES = ("message", "imports", "people", "synchronising", "delivery", "pages", "subscriber", "secrecy", "lighthouse")


def main(words):
    sizes, names = [int(word) for word in words if word.isdigit()], [word for word in words if not word.isdigit()]
    rows = []
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        for row in importlib.import_module(f"bench.{name}").measure(*sizes):
            print(f"{row.what}: {row.value} {row.target}", flush=True)
            rows.append(row)
    if not words:
        table.write(rows, clock.now().date())


if __name__ == "__main__":
    main(sys.argv[1:])
