"""Errors of one network on one target, a cell of the study in config.toml."""

import time

from experiments.depth.data import Target, draw
from experiments.depth.models import MODELS
from sklearn_depth.metrics import normalized_mse

N_ROWS = 12_000


def measure(target, size, model, seed, n_test):
    """Errors on the samples and on fresh ones, hidden units, and CPU seconds."""
    # The small size has fewer samples, with the fresh ones.
    target = Target(target, size, min(N_ROWS, 4 * n_test), seed)
    X, y, X_test, y_test = draw(target, n_test)
    start = time.process_time()
    predict, n_units = MODELS[model].make(target, X, y)
    seconds = time.process_time() - start
    return {
        "n_units": float(n_units),
        "train_error": float(normalized_mse(y, predict(X))),
        "test_error": float(normalized_mse(y_test, predict(X_test))),
        "cpu_seconds": seconds,
    }
