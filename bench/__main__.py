"""`make bench [names]`: measure, print, and keep the table in bench/README.md when everything was measured."""

import importlib
import sys

from bench import table
from maestro.lib import clock

BENCHES = ("message", "imports", "people", "delivery", "pages", "subscriber", "secrecy", "lighthouse")


def main(names):
    rows = []
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        found = importlib.import_module(f"bench.{name}").measure()
        print("\n".join(f"{row.what}: {row.value} {row.target}" for row in found), flush=True)
        rows += found
    if not names:
        table.write(rows, clock.now().date())


if __name__ == "__main__":
    main(sys.argv[1:])
