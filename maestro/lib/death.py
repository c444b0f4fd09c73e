"""Processes that do not outlive the one that started them (Linux: prctl(2), PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


def die_with_parent(number=signal.SIGKILL, parent=None):
    """Have the kernel send this process the signal `number` when its parent dies; end at once if it already has.

    The kernel means the parent's thread that started us. `parent` is the process id to expect.
    """
    _prctl(PR_SET_PDEATHSIG, number)
    if parent and os.getppid() != parent:
        os._exit(1)
