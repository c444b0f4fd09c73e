"""Reading ahead: the next batch is made while the last one is written."""

import queue
import threading
from contextlib import contextmanager

ENDS = object()


@contextmanager
def ahead(items):
    """The items of an iterator, of which a thread has the next one ready; it begins at once."""
    ready, wanted = queue.Queue(1), threading.Event()
    wanted.set()
    thread = threading.Thread(target=fill, args=(items, ready, wanted), daemon=True)
    thread.start()
    try:
        yield arriving(ready)
    finally:
        wanted.clear()
        while thread.is_alive():
            drain(ready)
            thread.join(0.01)


def arriving(ready):
    while (found := ready.get()) is not ENDS:
        if isinstance(found, Exception):
            raise found
        if isinstance(found, BaseException):
            raise RuntimeError("A library broke down.") from found
        yield found


def fill(items, ready, wanted):
    try:
        for item in items:
            if not wanted.is_set():
                return
            ready.put(item)
        ready.put(ENDS)
    except BaseException as problem:               # polars panics, which is no Exception
        ready.put(problem)


def drain(ready):
    try:
        ready.get_nowait()
    except queue.Empty:
        pass
