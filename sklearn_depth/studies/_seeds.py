"""One seed sequence for a study, and the seeds of each cell."""

from copy import copy

import numpy as np

from sklearn_depth.utils._random import check_generator


def study_entropy(random_state):
    """An integer from which all seeds of a study follow; an int is its own."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_generator(random_state).integers(2**32))


def cell_seeds(entropy, n_samples, n_features, repeat):
    """Seeds of data and estimator, the same for all estimators and in every grid."""
    place = n_samples, n_features or 0, repeat
    seeds = np.random.SeedSequence(entropy, spawn_key=place).generate_state(2)
    return tuple(map(int, seeds))


def seeded(estimator, seed):
    """The estimator, its parts and splitters, with this seed where they have none.

    Parts, in lists too as the candidates of a search, are changed in place: the
    estimator is a clone.
    """
    changes = {}
    for name, value in estimator.get_params(deep=False).items():
        if value is None and name == "random_state":
            changes[name] = seed
        elif is_unseeded_splitter(value):
            changes[name] = copy(value)
            changes[name].random_state = seed
        for part in estimators_in(value):
            seeded(part, seed)
    return estimator.set_params(**changes) if changes else estimator


def estimators_in(value):
    """Those in lists, tuples and dicts, at any depth."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from estimators_in(item)
    elif hasattr(value, "get_params") and not isinstance(value, type):
        yield value


def is_unseeded_splitter(value):
    return hasattr(value, "split") and getattr(value, "random_state", 0) is None
