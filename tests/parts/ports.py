"""Free ports on loopback, below the range from which the system hands out its own."""

import errno
import itertools
import os
import random
import socket

FIRST, LAST = 20000, 32000


def candidates():
    """Every port once, from a place of this process's own, so that parallel runs seldom meet."""
    start = random.Random(os.getpid()).randrange(FIRST, LAST)
    return itertools.chain(range(start, LAST), range(FIRST, start))


_candidates = candidates()


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def free_port():
    """A port that was free a moment ago and was not handed out here before."""
    return next(port for port in _candidates if is_free(port))
