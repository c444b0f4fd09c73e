"""Every command, driven by a shell script such as a stranger would write, beside a running server."""

import csv
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import manual
from tests.parts.maestro import Maestro, outside

ROOT = Path(__file__).parent.parent
PATH = "/lui/externalAction.do"
FLASK = Path(sys.executable).parent / "flask"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_shell_script_takes_an_empty_installation_to_a_delivered_mailing(database, tmp_path, request):
    url = request.getfixturevalue("postgres").create() if database == "postgresql" else ""
    with Maestro(tmp_path / "data", MAESTRO_DATABASE_URL=url) as maestro:
        flask = f"{shlex.quote(str(FLASK))} --app {shlex.quote(str(ROOT / 'app.py'))}"
        done = subprocess.run(["sh", ROOT / "tests/scripts/tour.sh", flask, tmp_path], cwd=ROOT, timeout=500,
                              env=os.environ | maestro.settings, capture_output=True, text=True)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{maestro.log()}"
        assert "The tour is done." in done.stdout
        if database == "sqlite":
            people_in_the_body(maestro, tmp_path / "script")
            a_program_calls(maestro, tmp_path / "script")


def people_in_the_body(maestro, folder):
    """What the manual says about bodies, in its own words: a file and JSON, one right after the other."""
    folder.mkdir()
    (folder / "people.csv").write_text("email,city\neva@example.org,Bristol\nfay@example.org,York\n")
    importer(maestro, folder, "Calls", "--post")
    [body] = manual.blocks("People in the body")
    script = f"set -e\nURL={manual.HOST}{PATH}; TOKEN=$(cat {manual.TOKEN})\n{body}"
    assert run(maestro, folder, "sh", "-c", script).stdout == "OKOK"
    people = csv.DictReader(maestro.flask_text("export", "--list", "1", "--format", "csv").splitlines())
    found = {row["address"].partition("@")[0]: row["city"] for row in people}
    assert found.items() >= {("ann", "York"), ("eva", "Bristol"), ("fay", "York")}


def a_program_calls(maestro, folder):
    """The manual's program: what it prints when all is well, and when the token is unknown."""
    importer(maestro, folder, "Nightly")
    [program] = manual.blocks("Python")
    assert run(maestro, folder, sys.executable, "-c", program).stdout.startswith("OK {'added': 0, ")
    (folder / "maestro.token").write_text("a" * 26)
    refused = run(maestro, folder, sys.executable, "-c", program, status=1)
    assert (refused.stdout, refused.stderr) == ("", "Not Found\n")


def importer(maestro, folder, name, *source):
    """A new importer that is on, whose token lies where the manual says."""
    number = str(maestro.flask("importer-create", name, "--list", "1", "--file", str(folder / "people.csv"), *source,
                               "--map", "address=email", "--map", "city=city", "--mode", "add-update")["id"])
    maestro.flask("importer-enable", number)
    (folder / "maestro.token").write_text(maestro.flask("token-show", "import", number)["token"])


def run(maestro, folder, *words, status=0):
    *words, text = words
    done = subprocess.run([*words, manual.made_true(text, maestro.url, folder, "")], cwd=folder, env=outside(),
                          capture_output=True, text=True, timeout=100)
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}\n{maestro.log()}"
    return done
