"""Starting, running and stopping the whole, as a newcomer meets it."""

import os
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.parts.maestro import ROOT, SUPERVISOR, WORDS, Maestro, children, outside
from tests.parts.waiting import until


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One Maestro that the tests of this file share."""
    with Maestro(tmp_path_factory.mktemp("setup") / "data") as maestro:
        yield maestro


def status(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.status


def answers(maestro):
    try:
        return status(f"{maestro.url}/healthz") == 200
    except OSError:
        return False


def refused(maestro):
    """The sentence with which a start is refused."""
    environment = outside() | maestro.settings
    done = subprocess.run(SUPERVISOR, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done
    assert not done.stdout
    return done.stderr


def is_alive(pid):
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid):
    for child, _ in children(pid):
        yield child
        yield from descendants(child)


def test_it_says_once_that_it_is_ready_and_where_the_first_administrator_is_made(running):
    assert running.log().count("Maestro is ready: ") == 1
    assert running.log().count("Set-up: ") == 1
    assert running.setup_url.startswith(f"{running.url}/setup/")
    assert status(running.setup_url) == 200


def test_it_runs_a_process_for_each_kind_of_work(running):
    until(lambda: all(map(running.part, WORDS)), 60, running.log)


def test_a_second_start_on_the_same_folder_is_refused(running):
    assert "already running on the data folder" in refused(running)


def test_a_second_start_on_the_same_port_is_refused(running, tmp_path):
    other = Maestro(tmp_path / "data", MAESTRO_PORT=str(running.port))
    assert f"Port {running.port} is in use" in refused(other)


def test_an_unknown_process_is_refused(tmp_path):
    assert "MAESTRO_PROCESSES takes" in refused(Maestro(tmp_path / "data", MAESTRO_PROCESSES="web,mail"))


def test_a_second_copy_runs_beside_the_first(running, tmp_path):
    with Maestro(tmp_path / "data", MAESTRO_PROCESSES="web") as other:
        assert answers(other)
        assert answers(running)


@pytest.mark.parametrize("part", ["redis", "web", "send", "scheduler"])
def test_a_part_that_is_killed_is_started_again(running, part):
    killed = running.part(part)
    os.kill(killed, signal.SIGKILL)
    until(lambda: running.part(part) not in (None, killed), 60, running.log)
    until(lambda: answers(running), 60, running.log)
    assert f"{part} was killed by SIGKILL; starting it again in" in running.log()


def test_a_data_folder_with_a_long_name_gets_its_socket_elsewhere(tmp_path):
    folder = tmp_path / ("long" * 25) / "data"
    with Maestro(folder, MAESTRO_PROCESSES="web") as maestro:
        assert maestro.part("redis")
        assert (folder / "run").is_symlink()
        assert "without it" not in maestro.log()
    shutil.rmtree((folder / "run").resolve())


def test_it_ends_well_when_told_to_and_goes_on_where_it_was(tmp_path):
    with Maestro(tmp_path / "data") as maestro:
        assert maestro.stop(signal.SIGINT) == 0
        assert maestro.log().endswith("Stopped.\n")
        maestro.start()
        maestro.wait_until_ready()
        assert status(maestro.setup_url) == 200
        maestro.flask("setup", "--email", "root@example.org", "--organisation", "Fern Ltd", "--address", "12 Mill Lane",
                      "--zone", "Europe/Berlin", "--language", "en", stdin="correct horse battery 7\n")
        assert maestro.stop(signal.SIGTERM) == 0
        maestro.start()
        maestro.wait_until_ready()
        assert maestro.setup_url is None


def test_nothing_outlives_a_killed_supervisor(tmp_path):
    with Maestro(tmp_path / "data") as maestro:
        until(lambda: all(map(maestro.part, WORDS)), 60, maestro.log)
        pids = list(descendants(maestro.process.pid))
        maestro.stop(signal.SIGKILL)
        until(lambda: not any(map(is_alive, pids)), 60, "A process outlived the supervisor.")


@pytest.mark.parametrize("group", [True, False], ids=["a key on the terminal", "make alone"])
def test_make_run_takes_everything_along_when_it_is_interrupted(tmp_path, group):
    with Maestro(tmp_path / "data", command=["make", "run"], MAESTRO_PROCESSES="web") as maestro:
        pids = list(descendants(maestro.process.pid))
        (os.killpg if group else os.kill)(maestro.process.pid, signal.SIGINT)
        maestro.process.wait(120)
        assert "Stopped." in maestro.log()
        assert not any(map(is_alive, pids))
