"""Squared error on the ball of one fit, a cell of the study in config.toml."""

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from experiments.safran_lee_2022.models import MODELS
from sklearn_depth.datasets import make_ball_indicator

# The laws D'_d and D_d of the paper, and the radius of the ball.
RADII = {"two_spheres": np.sqrt(2), "bessel": 1.0}


def measure(law, d, n, model, seed, n_test):
    """Squared error on fresh points, and the CPU seconds of the fit."""
    X, y, ball = make_ball_indicator(
        n,
        d,
        law=law,
        radius=RADII[law],
        return_truth=True,
        random_state=np.random.default_rng([seed, d]),
    )
    unseen = np.random.default_rng([seed, d, 1])
    X_test, y_test = ball.sample(n_test, random_state=unseen)
    model = MODELS[model]
    estimator = model.build(d, n, seed)
    start = time.process_time()
    with warnings.catch_warnings():
        if model.stops_early:
            warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    error = np.mean((prediction(estimator, X_test) - y_test) ** 2)
    return {"squared_error": float(error), "cpu_seconds": seconds}


def prediction(estimator, X):
    """The predicted value, or the probability of the inside."""
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X)[:, 1]
    return estimator.predict(X)
