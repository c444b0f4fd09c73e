"""The commands of the manual for people who write scripts, as they stand there."""

import re
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent.parent / "docs" / "scripts.md"
FLASK = next(line for line in SCRIPTS.read_text().splitlines() if line.startswith("flask()"))
HOST, TOKEN = "https://news.example.org", "/etc/maestro.token"


def blocks(heading):
    """The pieces of code under a heading, in their order."""
    part = SCRIPTS.read_text().partition(f"\n### {heading}\n")[2]
    assert part, f"The manual has no heading {heading!r}."
    return re.findall(r"```\w*\n(.*?)```", re.split(r"\n##+ ", part)[0], re.DOTALL)


def crontab_command(text):
    """What a line of /etc/crontab starts."""
    line = next(line for line in text.splitlines() if not line.startswith("#"))
    return line.split(maxsplit=6)[6]


def made_true(text, url, folder, token):
    """A command with the address, folder and token of an installation that is there."""
    return text.replace(HOST, url).replace(TOKEN, str(folder / "maestro.token")).replace("=TOKEN", f"={token}")
