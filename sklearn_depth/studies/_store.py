"""Finished cells, each kept in a file of its own as soon as it ends."""

import os
import pickle
import tempfile
from pathlib import Path
from typing import NamedTuple

from joblib import Memory

from sklearn_depth.studies._fingerprint import digest
from sklearn_depth.utils._files import replacing
from sklearn_depth.utils._warnings import warn_caller

# Constraint of the parameter `memory`.
MEMORY = [str, Path, Memory, None]
FOLDER = "sklearn_depth_cells"


class CellStore(NamedTuple):
    """A folder of finished cells; None keeps nothing.

    A file has a digest of the cell's key and content, then the content, a pickle. So
    what a disk or a copy has damaged, or put in another's place, is known before it is
    unpickled, and whatever else is raised is no damage. A tuple: Dask moves large
    arguments that are none to a worker, and loses them with it.
    """

    folder: Path | None

    def path(self, key):
        return f"{self.folder}/{key}/output.pkl"  # a Path takes longer than the disk

    def __contains__(self, key):
        return self.folder is not None and os.path.exists(self.path(key))

    def keep(self, key, value, wait=True):
        """Write a cell; say so where that fails, as its value is not lost.

        Without ``wait`` for the disk a cell may be damaged if the machine loses its
        power in the next seconds, which its digest then shows.
        """
        if self.folder is None or key in self:
            return
        try:
            content = pickle.dumps(value)
        except Exception as error:  # pickling what is not made for it may raise any
            warn_caller(
                f"The cell {key} is not kept, as it cannot be pickled, "
                f"{type(error).__name__}: {error}."
            )
            return
        try:
            os.makedirs(f"{self.folder}/{key}", exist_ok=True)
            with replacing(self.path(key), wait) as file:
                file.write(seal(key, content))
                file.write(content)
        except OSError as error:
            warn_caller(
                f"The cell {key} is not kept, as {self.folder} cannot be written to: "
                f"{error}."
            )

    def load(self, key):
        """What was kept, or None; with a warning where its file is damaged."""
        if self.folder is None:
            return None
        try:
            kept = Path(self.path(key)).read_bytes()
        except FileNotFoundError:
            return None
        size = len(seal(key, b""))
        expected, content = kept[:size], kept[size:]
        if expected != seal(key, content):
            warn_caller(
                f"The cell {key} kept in {self.folder} cannot be read: it is damaged, "
                "as its digest is another. It is computed again."
            )
            Path(self.path(key)).unlink(missing_ok=True)
            return None
        try:
            return pickle.loads(content)
        except Exception as error:
            error.add_note(
                f"The cell in {self.path(key)} is whole, and stays. Provide what it "
                "needs, or delete it to compute it again."
            )
            raise


def seal(key, content):
    """What a file of a cell begins with: a digest, of fixed length."""
    return digest(key.encode() + content).encode()


def open_store(memory):
    """The store in a directory, or in that of a ``joblib.Memory``, made writable."""
    if memory is None:
        return CellStore(None)
    if not isinstance(memory, Memory):
        check_writable(Path(memory))
        memory = Memory(str(memory), verbose=0)  # which has other folders for a Path
    if memory.store_backend is None:
        return CellStore(None)
    if memory.backend != "local":
        raise ValueError(
            f"memory is a joblib.Memory with the backend {memory.backend!r}, and cells "
            "are kept in directories. Pass one."
        )
    folder = Path(memory.store_backend.location, FOLDER).absolute()
    check_writable(folder)
    return CellStore(folder)


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
