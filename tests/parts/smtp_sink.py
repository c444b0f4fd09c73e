"""Mail servers that deliver nothing: our own, which can be told to misbehave, and Postfix's, which is fast."""

import os
import socket
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.parts.ports import free_port
from tests.parts.sink import Sink
from tests.parts.waiting import until

TOOLS = Path(__file__).parent.parent.parent / ".tools" / "usr"
ENVIRONMENT = os.environ | {"LD_LIBRARY_PATH": str(TOOLS / "lib" / "postfix")}


@pytest.fixture
def smtp_sink():
    """A server that takes and records everything: `.port`, `.messages`, `.faults`."""
    with Sink() as sink:
        yield sink


def listens(port):
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def postfix_sink(*options):
    """Postfix's smtp-sink on a free port, which is what is yielded."""
    port = free_port()
    command = [str(TOOLS / "sbin" / "smtp-sink"), *options, f"127.0.0.1:{port}", "100"]
    if os.geteuid() == 0:
        command[1:1] = ["-u", "nobody"]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port), 10, "smtp-sink did not start.")
        assert process.poll() is None, "smtp-sink ended."
        yield port
    finally:
        process.terminate()
        process.wait(10)
