"""The cells of a sample-complexity curve, from checked arguments."""

from functools import partial
from itertools import product

import numpy as np
import sklearn

import sklearn_depth
from sklearn_depth.studies._draws import check_draws
from sklearn_depth.studies._engine import Cell, Plan
from sklearn_depth.studies._fingerprint import fingerprint
from sklearn_depth.studies._fit import fit_and_score
from sklearn_depth.studies._grid import (
    LABELS,
    MEASURED,
    SEEDS,
    check_score_names,
    named_estimators,
    size_grid,
)
from sklearn_depth.studies._scores import directions, named_scorers
from sklearn_depth.studies._seeds import cell_seeds, study_entropy
from sklearn_depth.studies._shown import one_line, shown


def plan_curve(
    estimators,
    make_dataset,
    *,
    train_sizes,
    n_features=None,
    n_repeats=5,
    n_test=10_000,
    scoring="normalized_mse",
    random_state=None,
    return_estimators=False,
):
    """A cell for each repeat, dimension, size and estimator, in this nesting."""
    estimators = named_estimators(estimators)
    scorers = named_scorers(scoring)
    check_score_names(scorers)
    grid = size_grid(train_sizes, n_features)
    entropy = study_entropy(random_state)
    check_draws(make_dataset, grid, entropy)
    fit = partial(
        fit_and_score,
        make_dataset=make_dataset,
        n_test=n_test,
        scorers=scorers,
        return_estimators=return_estimators,
    )
    names = {name: fingerprint([e, fit.keywords]) for name, e in estimators.items()}
    labels, cells = [], []
    for repeat, (d, n) in product(range(n_repeats), grid):
        seeds = cell_seeds(entropy, n, d, repeat)
        for name, estimator in estimators.items():
            row = dict(zip(LABELS, (name, n, d, repeat), strict=True))
            if d is None:
                del row["n_features"]
            labels.append(row | dict(zip(SEEDS, seeds, strict=True)))
            key = fingerprint([names[name], n, d, *seeds])
            cells.append(Cell(key, partial(fit, estimator, n, d, *seeds)))
    config = {
        "estimators": {name: one_line(e) for name, e in estimators.items()},
        "make_dataset": shown(make_dataset),
        "train_sizes": {str(d): [n for e, n in grid if e == d] for d, _ in grid},
        "n_repeats": int(n_repeats),
        "n_test": int(n_test),
        "scoring": directions(scorers),
        "random_state": entropy,
        "versions": {m.__name__: m.__version__ for m in (sklearn_depth, sklearn, np)},
    }
    return Plan(labels, cells, config, (*scorers, *MEASURED))
