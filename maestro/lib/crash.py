"""Named points at which a process can be told to die, so that tests see what a crash right there leaves behind."""

import os
import signal

POINTS = (
    "snapshot_slice", "snapshot_done",
    "after_claim", "after_render", "before_intent", "after_intent", "before_terminator", "after_terminator",
    "after_reply", "before_outcome", "after_outcome", "chunk_closed", "job_finishing",
    "outbox_appended", "outbox_indexed",
    "fetch_slice", "fetched", "checked", "apply_slice", "applied",
    "changes_numbered", "changes_appended",
    "written_back", "undo_slice",
    "call_decided", "call_committed",
)
_armed: dict[str, int] = {}


def arm(setting):
    """Read MAESTRO_CRASH_AT, "point:n": die at the n-th pass of the point."""
    point, _, count = setting.partition(":")
    passes = int(count or 1)
    if setting and (point not in POINTS or passes < 1):
        raise ValueError(f"There is no crash point {setting!r}.")
    _armed.clear()
    if setting:
        _armed[point] = passes


def point(name):
    """Pass a named point; die here by SIGKILL if this pass is the armed one."""
    if name in _armed:
        _armed[name] -= 1
        if not _armed[name]:
            os.kill(os.getpid(), signal.SIGKILL)
