"""Finished cells, each kept in a joblib store as soon as it ends."""

import pickle
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

from joblib import Memory

from sklearn_depth.studies._fingerprint import digest

# Constraint of the parameter `memory`.
MEMORY = [str, Path, Memory, None]
FOLDER = "sklearn_depth_cells"


class CellStore(NamedTuple):
    """What a ``joblib.Memory`` keeps of cells; one without a location keeps nothing.

    Entries are written under another name and renamed, so one is whole or not there
    when a process is killed. ``Memory.cache`` would do as much, but it loses entries
    where it finds no code of its function, or another. A digest shows what a disk or a
    copy has damaged. A tuple: Dask moves large arguments that are none to a worker, and
    loses them with it.
    """

    memory: Memory

    @property
    def backend(self):
        return self.memory.store_backend

    def __contains__(self, key):
        return self.backend is not None and self.backend.contains_item([FOLDER, key])

    def keep(self, key, value):
        if self.backend is None or key in self:
            return
        try:
            content = pickle.dumps(value)
        except Exception as error:  # pickling what is not made for it may raise any
            warnings.warn(
                f"The cell {key} is not kept, as it cannot be pickled: {error}.",
                stacklevel=2,
            )
        else:
            self.backend.dump_item([FOLDER, key], (digest(content), content), verbose=0)

    def load(self, key):
        """What was kept; None, with a warning where something was, if it is no more."""
        if key not in self:
            return None
        try:
            expected, content = self.backend.load_item([FOLDER, key], verbose=0)
            if digest(content) != expected:
                raise ValueError("its digest is another")
            return pickle.loads(content)
        except Exception as error:  # unpickling what is damaged may raise anything
            warnings.warn(
                f"The cell {key} kept in {self.backend.location} cannot be read, "
                f"{type(error).__name__}: {error}. It is computed again.",
                stacklevel=2,
            )
            self.backend.clear_item([FOLDER, key])
            return None


def open_store(memory):
    """The store of a ``joblib.Memory`` or a directory, which can be written to."""
    if memory is None:
        return CellStore(Memory(None, verbose=0))
    if not isinstance(memory, Memory):
        check_writable(Path(memory))
        memory = Memory(str(memory), verbose=0)  # which has other folders for a Path
    location = getattr(memory.store_backend, "location", None)
    if isinstance(location, (str, Path)):
        check_writable(Path(location, FOLDER))
    return CellStore(memory)


def check_writable(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"memory={str(folder)!r} cannot be written to: {error}. Pass a directory "
            "that can, or None to keep nothing."
        ) from error
