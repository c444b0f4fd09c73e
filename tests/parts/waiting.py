"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import time


def until(condition, seconds=10, message="It did not happen in time.", pause=0.02):
    """What `condition()` answers as soon as that is true; fails with `message` (text or a function) at the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(message() if callable(message) else message)
        time.sleep(pause)
    return answer
