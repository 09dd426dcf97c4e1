"""How much fits: blocks of rows, and refusing what would not fit before allocating."""

import os

_BLOCK_ELEMENTS = 2**21  # 16 MiB of float64: in the last-level cache or near it
_FALLBACK_MEMORY = 8 * 2**30


def row_blocks(n_samples, n_columns, share=1, least=64):
    """Slices over the rows such that a block of ``n_columns`` stays near the cache.

    A larger ``share`` makes that many times smaller ones; they have 64 rows or
    ``least``, if there are so many.
    """
    size = max(_BLOCK_ELEMENTS // share // max(n_columns, 1), 64, least)
    return [
        slice(start, min(start + size, n_samples))
        for start in range(0, n_samples, size)
    ]


def physical_memory():
    """Bytes of memory this machine has; 8 GiB where it does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no sysconf, as on Windows
        return _FALLBACK_MEMORY


def check_memory(n_columns, n_bytes, *, what, way_out):
    """Raise MemoryError if ``what``, with so many columns, needs more than there is."""
    memory = physical_memory()
    if n_bytes > memory:
        raise MemoryError(
            f"{what} makes {n_columns:,} columns, which need {n_bytes / 2**30:,.1f} "
            f"GiB; this machine has {memory / 2**30:,.1f} GiB. {way_out}"
        )
