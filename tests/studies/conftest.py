"""A disk that is full."""

import builtins
import errno
import io
import os
from contextlib import contextmanager

import pytest


class Full(io.FileIO):
    """A file that takes a few bytes."""

    def write(self, content):
        if self.tell():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content[:10])


@pytest.fixture
def full_disk(monkeypatch):
    """In a context, new files are full after a few bytes, or when they are flushed."""

    def no_space(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def small(path, mode="r", *args, **more):
        if mode == "xb":
            return io.BufferedWriter(Full(path, "xb"))
        return open_file(path, mode, *args, **more)

    open_file = builtins.open

    @contextmanager
    def full(at):
        with monkeypatch.context() as patch:
            if at == "write":
                patch.setattr(builtins, "open", small)
            else:
                patch.setattr(os, "fsync", no_space)
            yield

    return full
