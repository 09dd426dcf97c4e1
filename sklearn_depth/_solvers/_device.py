"""Where torch computes, and on how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_n_capped = 0
_n_outside = 1


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on the calling thread alone.

    Torch keeps one number for the thread that sets it and one for threads to come. Of
    blocks that overlap, on threads of their own, the first knows what to go back to.
    """
    import torch

    global _n_capped, _n_outside
    with _lock:
        if not _n_capped:
            _n_outside = torch.get_num_threads()
        _n_capped += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _n_capped -= 1
            torch.set_num_threads(_n_outside)


def find_device(device: str) -> str:
    """ "cpu" or "cuda"; "auto" is the GPU where there is one."""
    import torch

    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise ValueError(
            'device="cuda", but torch finds no such device on this machine. '
            'Use device="auto" or "cpu".'
        )
    return "cuda" if device != "cpu" and found else "cpu"
