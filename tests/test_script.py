"""Every command, driven by a shell script such as a stranger would write, beside a running server."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.maestro import Maestro

ROOT = Path(__file__).parent.parent
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
