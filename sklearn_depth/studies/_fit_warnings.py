"""Warnings of a fit, counted in place of being shown."""

import warnings
from collections import defaultdict
from contextlib import contextmanager

# What Python shows to no user either, unless told to.
_FOR_DEVELOPERS = (
    DeprecationWarning,
    PendingDeprecationWarning,
    ImportWarning,
    ResourceWarning,
)
_LONGEST = 200


@contextmanager
def recorded():
    """A list of the warnings raised meanwhile, each text once a line of code.

    Filters of the process do not matter, so that all workers count the same.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for kind in _FOR_DEVELOPERS:
            warnings.simplefilter("ignore", kind)
        yield caught


def by_kind(caught):
    """{category: (how often, the first text)}."""
    texts = defaultdict(list)
    for warning in caught:
        texts[warning.category.__name__].append(str(warning.message))
    return {
        kind: (len(found), " ".join(found[0].split())[:_LONGEST])
        for kind, found in texts.items()
    }
