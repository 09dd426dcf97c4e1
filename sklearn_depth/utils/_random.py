"""Random numbers: whatever scikit-learn's users pass, a NumPy Generator comes out."""

import numpy as np

# Extends scikit-learn's own constraint for the parameter `random_state`.
RANDOM_STATE = ["random_state", np.random.Generator]


def check_generator(random_state):
    """Turn ``random_state`` into a Generator.

    An int seeds a new one; a RandomState or a Generator advances with every call; None
    takes fresh entropy and leaves NumPy's global state alone.
    """
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**32, size=4, dtype=np.uint32)
    return np.random.default_rng(random_state)


def separate_generator(random_state):
    """A Generator apart from the one that ``random_state`` seeds.

    Data and layer of one seed would otherwise share numbers: the first random unit
    would point along the planted direction.
    """
    rng = check_generator(random_state)
    return np.random.default_rng(rng.integers(2**32, size=4, dtype=np.uint32))
