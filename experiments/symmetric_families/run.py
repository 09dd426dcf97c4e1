"""Errors of one fit to a symmetric family, a cell of the study in config.toml."""

import time
import warnings

from experiments.symmetric_families.data import ERRORS, Target, draw
from experiments.symmetric_families.models import MODELS


def measure(family, order, d, n, model, seed, n_test):
    """Errors on the samples and on fresh ones, and CPU seconds of the fit."""
    target = Target(family, order, d, n, seed)
    X, y, X_test, y_test, truth = draw(target, n_test)
    model = MODELS[model]
    X, X_test = model.columns(X, truth), model.columns(X_test, truth)
    estimator = model.build(target)
    start = time.process_time()
    with warnings.catch_warnings():  # finding none is a result here
        warnings.filterwarnings("ignore", "No direction", UserWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    error = ERRORS[family]
    return {
        "train_error": float(error(y, estimator.predict(X))),
        "test_error": float(error(y_test, estimator.predict(X_test))),
        "cpu_seconds": seconds,
    }
