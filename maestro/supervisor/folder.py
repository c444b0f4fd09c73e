"""The data folder belongs to one supervisor at a time."""

import fcntl
import os


class Taken(Exception):
    """Another supervisor runs on the folder; the text says which."""


def lock(folder):
    """Hold `folder` for this process: the lock goes when the process does, however it ends. Keep what is returned."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.fdopen(os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Taken(f"Maestro is already running on the data folder {folder} (process {file.read()}). "
                    "Stop it first, or set MAESTRO_DATA and MAESTRO_PORT for a second copy.") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
