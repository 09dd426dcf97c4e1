"""Error of one fit to a random network, a cell of the study in config.toml."""

import time
import warnings

from sklearn.exceptions import ConvergenceWarning

from experiments.daniely_srebro_vardi_2023.data import Network, draw_points
from experiments.sgd_on_random_networks.models import MODELS
from sklearn_depth.metrics import normalized_mse


def measure(depth, d, n, model, seed, n_test):
    """Error on fresh points over the target's variance, and CPU seconds of the fit.

    ``depth`` is the target's.
    """
    target = Network("relu", depth, d, seed)
    X, y = draw_points(target, n)
    estimator = MODELS[model].build(target)
    start = time.process_time()
    with warnings.catch_warnings():  # 200 epochs are not enough for the least rate
        warnings.filterwarnings("ignore", "Stochastic Optimizer", ConvergenceWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    X_test, y_test = draw_points(target, n_test, unseen=True)
    error = normalized_mse(y_test, estimator.predict(X_test))
    return {"normalized_error": float(error), "cpu_seconds": seconds}
