"""What a bench answers with, and how the table of all of them is written."""

import os
import platform
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).parent / "README.md"
START, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Row(NamedTuple):
    """One measured line. `value` and `target` are texts such as "2.4 x" and "<= 3.5 x".

    `met` is None without a target.
    """

    bench: str
    what: str
    value: str
    target: str = ""
    met: bool | None = None


def machine():
    """The machine in one line: what figures depend on."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {system}"


def lines(rows):
    marks = {True: "yes", False: "**no**", None: ""}
    yield "| bench | measured | value | target | met |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield f"| {row.bench} | {row.what} | {row.value} | {row.target} | {marks[row.met]} |"


def write(rows, day):
    """Put the table of this run into the README, in place of the last one's."""
    text = README.read_text()
    head, rest = text.split(START)
    tail = rest.split(END)[1]
    README.write_text("\n".join([head + START, f"Measured {day} on {machine()}.", "", *lines(rows), END]) + tail)
