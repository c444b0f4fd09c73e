"""Outside test data, which lies beside the project in ../shared/corpora. Without it the tests on it are left out."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "corpora"
MISSING = "Left out: tests on outside data, because ../shared/corpora does not lie beside the project."


def file(name):
    """The path of one file; the test that asks is skipped when there is none."""
    path = FOLDER / name
    return path if path.exists() else pytest.skip(MISSING)


def files(folder, pattern):
    """The files of one corpus, sorted; none when it is missing."""
    return sorted((FOLDER / folder).glob(pattern))


def naughty_strings():
    """Texts that break the handling of input; none when the corpus is missing."""
    found = files("naughty-strings", "blns.json")
    return json.loads(found[0].read_text(encoding="utf-8")) if found else []


def pytest_terminal_summary(terminalreporter):
    if not FOLDER.is_dir():
        terminalreporter.write_line(MISSING)
