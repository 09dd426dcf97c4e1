"""What a study is run over: estimators by name, dimensions and sizes."""

import numpy as np

# Columns of every result; no score may have their names.
LABELS = ("estimator", "n_samples", "n_features", "repeat")
SEEDS = ("data_seed", "estimator_seed")
MEASURED = ("fit_time", "score_time")


def named_estimators(estimators):
    """{name: estimator}, each of which can be fitted."""
    if hasattr(estimators, "fit"):
        name = getattr(estimators, "__name__", type(estimators).__name__)
        estimators = {name: estimators}
    if not hasattr(estimators, "__iter__"):
        raise TypeError(f"estimators is {estimators!r}. Pass a dict of estimators.")
    pairs = list(estimators.items() if isinstance(estimators, dict) else estimators)
    if not pairs:
        raise ValueError("estimators is empty: there is nothing to fit.")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValueError(
                f"estimators has {pair!r}. Pass a dict, or a list of pairs of a name "
                "and an estimator."
            )
        name, estimator = pair
        if not isinstance(name, str) or not name:
            raise ValueError(f"The name {name!r} of an estimator is not a string.")
        needed = hasattr(estimator, "fit") and hasattr(estimator, "get_params")
        if isinstance(estimator, type) or not needed:
            raise TypeError(
                f"The estimator {name!r} is {estimator!r}, which is a class or has no "
                "fit or no get_params. Pass an instance of an estimator."
            )
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"Estimators share the names {twice}. Give each its own.")
    return dict(pairs)


def check_score_names(scorers):
    taken = sorted(set(scorers) & {*LABELS, *SEEDS, *MEASURED, "error"})
    if taken:
        raise ValueError(f"The scores {taken} are named as other columns. Rename them.")


def size_grid(train_sizes, n_features):
    """Pairs (d, n), d None where the generator chooses it."""
    dimensions = [None] if n_features is None else whole("n_features", n_features)
    return [
        (d, n)
        for d in dimensions
        for n in whole(
            "train_sizes", train_sizes(d) if callable(train_sizes) else train_sizes
        )
    ]


def whole(name, values):
    """Distinct positive whole numbers in rising order."""
    values = np.atleast_1d(np.asarray(values))
    if values.size == 0:
        raise ValueError(f"{name} is empty. Give at least one number.")
    if values.ndim != 1 or values.dtype.kind not in "iu" or values.min() < 1:
        raise ValueError(
            f"{name} must be positive whole numbers, got {values.tolist()}. Shares "
            "have no meaning here: data are drawn, not split."
        )
    return np.unique(values).tolist()
