"""A question to another database that can be broken off while it is being answered."""

import logging
import threading
from contextlib import contextmanager

log = logging.getLogger("maestro.foreign")


class Breaker:
    """One thread waits for an answer; another pulls, and the far side stops working on it."""

    def __init__(self):
        self.lock, self.stop, self.pulled = threading.Lock(), None, False

    @contextmanager
    def around(self, stop):
        """While inside, a pull calls `stop`. Who comes after it was pulled is stopped at once."""
        with self.lock:
            self.stop = stop
        if self.pulled:
            self.pull()
        try:
            yield
        finally:
            with self.lock:
                self.stop = None

    @contextmanager
    def on_trouble(self):
        """Pull when what is done inside goes wrong."""
        try:
            yield
        except BaseException:
            self.pull()
            raise

    def pull(self):
        """Stop the work over there. It may have ended by itself, or be out of reach: then nothing is to be done."""
        with self.lock:
            self.pulled = True
            if self.stop:
                try:
                    self.stop()
                except Exception as problem:
                    log.warning("A question to another database was not stopped there: %s", type(problem).__name__)
