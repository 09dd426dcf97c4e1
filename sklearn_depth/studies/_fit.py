"""One fit of a study: data drawn, an estimator fitted and scored, on a worker."""

import time

import numpy as np
from sklearn.base import clone

from sklearn_depth.studies._draws import train_and_test
from sklearn_depth.studies._engine import FITTED
from sklearn_depth.studies._seeds import seeded


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
    """Scores of an estimator on fresh rows, seconds, and itself if asked for."""
    X, y, X_test, y_test = train_and_test(
        make_dataset, n_samples, n_features, n_test, data_seed
    )
    estimator = seeded(clone(estimator), estimator_seed)
    start = time.perf_counter()
    estimator.fit(X, y)
    fitted = time.perf_counter()
    scores = {
        name: float(scorer(estimator, X_test, y_test))
        for name, scorer in scorers.items()
    }
    scored = time.perf_counter()
    for name, score in scores.items():
        if not np.isfinite(score):
            raise ValueError(f"the score {name!r} is {score}")
    values = scores | {"fit_time": fitted - start, "score_time": scored - fitted}
    return values | ({FITTED: estimator} if return_estimators else {})
