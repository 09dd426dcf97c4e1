"""Errors of one radial network on its targets, a cell of the study in config.toml."""

import time

import numpy as np

from experiments.safran_eldan_shamir_2019.data import OSCILLATION, TARGETS, draw
from experiments.safran_eldan_shamir_2019.models import MODELS
from sklearn_depth.metrics import normalized_mse


def measure(part, model, d, n, m, n_knots, seed, n_test):
    """Width, error of each target on fresh points, and CPU seconds of the fit.

    Errors are root mean squares over standard deviations. One fit does for all targets,
    since features and width do not depend on them.
    """
    names = [OSCILLATION] if part == OSCILLATION else list(TARGETS)
    X, Y = draw(n, d, names, np.random.default_rng([seed, d]))
    unseen = np.random.default_rng([seed, d, 1])
    X_test, Y_test = draw(n_test, d, names, unseen)
    model = MODELS[model]
    start = time.process_time()
    estimator = model.build(m, n_knots, seed).fit(X, Y)
    seconds = time.process_time() - start
    predicted = estimator.predict(X_test).reshape(Y_test.shape)
    shares = normalized_mse(Y_test, predicted, multioutput="raw_values")
    return {
        "width": float(model.width(m, n_knots)),
        **dict(zip(names, np.sqrt(shares).tolist(), strict=True)),
        "cpu_seconds": seconds,
    }
