"""One fit of a study: an estimator is seeded, fitted to fresh data, and scored."""

import time
import warnings
from collections import defaultdict
from contextlib import contextmanager
from copy import copy

import numpy as np
from sklearn.base import clone

from sklearn_depth.studies._arguments import check_score_names
from sklearn_depth.studies._cells import FITTED, WARNED
from sklearn_depth.studies._truth_scores import check_truth, target_of
from sklearn_depth.utils._random import check_generator

# What Python shows to no user either, unless told to.
_FOR_DEVELOPERS = (
    DeprecationWarning,
    PendingDeprecationWarning,
    ImportWarning,
    ResourceWarning,
)
_LONGEST = 200


def fit_and_score(
    estimator,
    n_samples,
    n_features,
    data_seed,
    estimator_seed,
    *,
    make_dataset,
    n_test,
    scorers,
    return_estimators,
):
    """Scores of an estimator on fresh samples, seconds, and itself if asked for."""
    X, y, X_test, y_test, truth = train_and_test(
        make_dataset, n_samples, n_features, n_test, data_seed
    )
    targets = {
        name: target_of(scorer, X_test, y_test, truth)
        for name, scorer in scorers.items()
    }
    estimator = seeded(clone(estimator), estimator_seed)
    with recorded() as caught:
        start = time.perf_counter()
        estimator.fit(X, y)
        fitted = time.perf_counter()
        scores = scores_of(scorers, estimator, X_test, targets)
        scored = time.perf_counter()
    for name, score in scores.items():
        if not np.isfinite(score):
            raise ValueError(f"the score {name!r} is {score}")
    values = {"fit_time": fitted - start, "score_time": scored - fitted}
    values = scores | values | {"n_warnings": len(caught), WARNED: by_kind(caught)}
    return values | ({FITTED: estimator} if return_estimators else {})


def scores_of(scorers, estimator, X, targets):
    """Each score by name; a scorer that gives several gives their names too."""
    scores = {}
    for name, scorer in scorers.items():
        found = scorer(estimator, X, targets[name])
        scores |= found if isinstance(found, dict) else {name: found}
    check_score_names(scores)
    return {name: float(score) for name, score in scores.items()}


def draw(make_dataset, n_samples, n_features, seed):
    """X, y and the planted target, or None, of checked shapes."""
    sizes = {"n_samples": n_samples}
    if n_features is not None:
        sizes["n_features"] = n_features
    call = ", ".join(f"{name}={size}" for name, size in sizes.items())
    try:
        drawn = make_dataset(**sizes, random_state=seed)
    except Exception as error:
        error.add_note(f"It was called as make_dataset({call}, random_state={seed}).")
        raise
    if not isinstance(drawn, tuple) or len(drawn) not in (2, 3):
        raise ValueError(
            f"make_dataset({call}) returned {type(drawn).__name__}; it must return "
            "X, y or X, y, truth."
        )
    X, y, truth = (*drawn, None)[:3]
    shapes = np.shape(X), np.shape(y)
    columns = shapes[0][1:] if n_features is None else (n_features,)
    fit = shapes[0] == (n_samples, *columns) and len(columns) == 1
    if not fit or shapes[1][:1] != (n_samples,):
        raise ValueError(
            f"make_dataset({call}) returned X of shape {shapes[0]} and y of shape "
            f"{shapes[1]}; they must have {n_samples} samples, and X n_features "
            "features."
        )
    if truth is not None and not callable(truth):
        raise ValueError(
            f"make_dataset({call}) returned a truth, {type(truth).__name__}, that "
            "cannot be called. It must be a function of X, or be left out."
        )
    return X, y, truth


def train_and_test(make_dataset, n_samples, n_features, n_test, seed):
    """Samples to learn from, others to test on, without noise if known, and truth."""
    X, y, truth = draw(make_dataset, n_samples + n_test, n_features, seed)
    X_test, y_test = X[n_samples:], y[n_samples:]
    if truth is not None:
        y_test = truth(X_test)
    return X[:n_samples], y[:n_samples], X_test, y_test, truth


def check_draws(make_dataset, grid, entropy, scorers, name=None):
    """One small draw of each dimension, so that a wrong generator is told at once."""
    for d, n in {d: (d, n) for d, n in reversed(grid)}.values():
        data_seed, _ = cell_seeds(entropy, n, d, 0)
        try:
            _, _, truth = draw(make_dataset, n, d, data_seed)
            check_truth(scorers, truth)
        except Exception as error:
            if name is not None:
                error.add_note(f"It is the data set {name!r}.")
            raise


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
