"""Arguments of studies, checked: estimators, sizes, and scores by name."""

from numbers import Integral, Real

import numpy as np
from sklearn.metrics import get_scorer

from sklearn_depth.metrics import normalized_mse
from sklearn_depth.studies._store import MEMORY
from sklearn_depth.studies._truth_scores import TRUTH_SCORES
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import StrOptions

# Constraints of the parameters that say how a study is run.
RUN = {
    "n_jobs": [Integral, None],
    "memory": MEMORY,
    "verbose": ["verbose"],
    "time_limit": [POSITIVE, None],
    "error_score": [StrOptions({"raise"}), Real],
}
# Columns of every result; no score may have their names.
LABELS = ("dataset", "estimator", "n_samples", "n_features", "repeat")
SEEDS = ("data_seed", "estimator_seed")
MEASURED = ("fit_time", "score_time", "n_warnings")
# Ours that scikit-learn has no name for. Lower is better, where its scorers are higher.
ERRORS = {"normalized_mse": normalized_mse}


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


def named_datasets(make_dataset):
    """{name: generator}; a lone one has the name None."""
    if not isinstance(make_dataset, dict):
        return {None: make_dataset}
    if not make_dataset:
        raise ValueError("make_dataset is empty: there are no data to draw.")
    for name, make in make_dataset.items():
        if not isinstance(name, str) or not name:
            raise ValueError(f"The name {name!r} of a data set is not a string.")
        if not callable(make):
            raise TypeError(
                f"make_dataset: the data set {name!r} is {make!r}, which cannot be "
                "called. Pass a generator such as those of sklearn_depth.datasets; in "
                "a file it has 'bind'."
            )
    return make_dataset


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
    values = list(np.atleast_1d(np.asarray(values, dtype=object)))
    if not values:
        raise ValueError(f"{name} is empty. Give at least one number.")
    if not all(is_whole(value) and value > 0 for value in values):
        raise ValueError(
            f"{name} must be positive whole numbers, got {values}. Shares have no "
            "meaning here: data are drawn, not split."
        )
    return sorted({int(value) for value in values})


def is_whole(value):
    return isinstance(value, Integral) and not isinstance(value, bool)


def named_scorers(scoring):
    """{name: scorer} of a name, a callable, a list of names or a dict."""
    if callable(scoring):
        scoring = {"score": scoring}
    elif isinstance(scoring, str):
        scoring = [scoring]
    if not isinstance(scoring, dict):
        scoring = {name: name for name in scoring}
    if not scoring:
        raise ValueError("scoring is empty. Name a scorer.")
    if not all(isinstance(name, str) for name in scoring):
        raise ValueError(
            f"scoring names its scores {list(scoring)}, not all of which are strings. "
            "Pass callables in a dict, by name."
        )
    return {name: scorer_of(scorer) for name, scorer in scoring.items()}


def scorer_of(scorer):
    if callable(scorer):
        return scorer
    if str(scorer) in TRUTH_SCORES:
        return TRUTH_SCORES[str(scorer)]()
    try:
        return ErrorScorer(scorer) if str(scorer) in ERRORS else get_scorer(str(scorer))
    except ValueError as error:
        raise ValueError(
            f"scoring has {scorer!r}, which is neither one of "
            f"{[*ERRORS, *TRUTH_SCORES]} nor of sklearn.metrics.get_scorer_names()."
        ) from error


class ErrorScorer:
    """An error by name, called as a scorer is."""

    def __init__(self, name):
        self.name = name

    def __call__(self, estimator, X, y):
        return ERRORS[self.name](y, estimator.predict(X))


def directions(scorers):
    """Which scores are better, "lower" or "higher", by name."""
    errors = (ErrorScorer, *TRUTH_SCORES.values())
    return {
        name: "lower" if isinstance(scorer, errors) else "higher"
        for name, scorer in scorers.items()
    }


def chosen_score(result, score):
    """The column of scores that is meant: the only one where none is named."""
    scores = list(result.config.get("scoring", ()))
    if not scores:
        raise ValueError(
            "The result does not say which of its columns are scores. Its config needs "
            "an entry such as {'scoring': {'mse': 'lower'}}."
        )
    if score is None and len(scores) == 1:
        return scores[0]
    if score is None:
        raise ValueError(f"The result has the scores {scores}. Choose one by score=.")
    if score not in scores:
        raise ValueError(f"score={score!r} is not one of the scores {scores}.")
    return score
