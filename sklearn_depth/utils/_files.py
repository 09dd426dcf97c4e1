"""Files that are whole or not there, whoever else writes them and whatever happens."""

import os
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def replacing(path, wait=True):
    """An open binary file that takes the place of ``path`` once it is on the disk.

    Without ``wait`` it does so once it is written, and reaches the disk later. Its own
    name is another in each call, so that processes that write one path do not meet. On
    an error, a full disk too, it is removed and ``path`` stays as it was.
    """
    path = Path(path)
    unfinished = path.with_name(f".{uuid4().hex}.unfinished")
    try:
        with open(unfinished, "xb") as file:
            yield file
            if wait:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
