"""Worker processes that do not outlive the one that started them."""

import multiprocessing
import os
import threading
import time

_SECONDS = 0.2
_watching = threading.Event()


def end_with(owner):
    """End this process when its parent, the owner of its cells, has ended.

    Without it the workers of a study that was killed go on with what they were sent,
    beside its successor. Processes that others have started are left alone.
    """
    started_by = getattr(multiprocessing.current_process(), "_parent_pid", None)
    if started_by != owner or owner is None or _watching.is_set():
        return
    _watching.set()
    threading.Thread(target=end_after, args=[owner], daemon=True).start()


def end_after(parent):
    """Wait until this process has another parent, as orphans have."""
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    os._exit(1)
