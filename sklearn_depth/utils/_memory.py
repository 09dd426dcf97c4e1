"""What fits into memory: blocks of samples; what would not fit is refused."""

import os
from functools import lru_cache
from pathlib import Path

_BLOCK_ELEMENTS = 2**21  # 16 MiB of float64: in the last-level cache or near it
_FALLBACK_MEMORY = 8 * 2**30
_CGROUPS, _CGROUPS_OF_SELF = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def row_blocks(n_samples, n_columns, share=1, least=64):
    """Slices of the samples such that a block of ``n_columns`` stays near the cache.

    A larger ``share`` makes that many times smaller ones; they have 64 samples or
    ``least``, if there are so many.
    """
    size = max(_BLOCK_ELEMENTS // share // max(n_columns, 1), 64, least)
    return [
        slice(start, min(start + size, n_samples))
        for start in range(0, n_samples, size)
    ]


def memory_limit():
    """Bytes this process may have: of the machine, its control groups and itself."""
    return min([_physical_memory(), *_cgroup_limits(), *_process_limits()])


def _physical_memory():
    """Bytes of memory this machine has; 8 GiB where it does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no sysconf, as on Windows
        return _FALLBACK_MEMORY


def _cgroup_limits():
    """Limits of the control groups, version 1 and 2, that this process is in."""
    try:
        groups = _CGROUPS_OF_SELF.read_text()
    except OSError:  # no Linux
        return
    for file in _limit_files(groups, _CGROUPS):
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        if text.isdigit():  # and not "max"
            yield int(text)


@lru_cache(maxsize=1)
def _limit_files(groups, root):
    """Where limits of these groups would be; paths take longer than what is there."""
    files = []
    for line in groups.splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            top, name = root, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = root / "memory", "memory.limit_in_bytes"
        else:
            continue
        place = top / group.lstrip("/")
        folders = (place, *place.parents)  # a container may see the root alone
        files += [folder / name for folder in folders if folder.is_relative_to(top)]
    return files


def _process_limits():
    """Limits of this process's address space and data, as ``ulimit`` sets them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield soft


def check_memory(n_columns, n_bytes, *, what, way_out):
    """Raise MemoryError if ``what``, with so many columns, needs more than there is."""
    _check(n_bytes, f"{what} makes {n_columns:,} columns", way_out)


def check_numbers(n_numbers, *, what, way_out):
    """The same for ``what`` of so many numbers, of 8 bytes each."""
    _check(8 * n_numbers, f"{what} takes {n_numbers:,} numbers", way_out)


def _check(n_bytes, made, way_out):
    memory = memory_limit()
    if n_bytes > memory:
        raise MemoryError(
            f"{made}, which need {n_bytes / 2**30:,.1f} GiB; this process may have "
            f"{memory / 2**30:,.1f} GiB. {way_out}"
        )
