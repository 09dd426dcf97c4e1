"""Error on spiked single-index data of one fit, a cell of the study in config.toml."""

import time
import warnings

import numpy as np

from experiments.spiked_covariance.models import MODELS
from experiments.spiked_covariance.theory import CASES
from sklearn_depth.datasets import make_spiked_single_index
from sklearn_depth.metrics import normalized_mse

NOISE = 0.1


def measure(case, d, n, beta, model, seed, n_test):
    """Error on fresh points over the target's variance, and CPU seconds of the fit.

    The variance along the spike is d^beta beyond 1; there is no spike at beta = 0.
    """
    case = CASES[case]
    spike = d**beta if beta else 0.0
    X, y, truth = make_spiked_single_index(
        n,
        d,
        link=case.coefficients,
        spike=spike,
        overlap=case.overlap,
        noise=NOISE,
        return_truth=True,
        random_state=np.random.default_rng([seed, d]),
    )
    unseen = np.random.default_rng([seed, d, 1])
    X_test, _ = truth.sample(n_test, random_state=unseen)
    estimator = MODELS[model].build(d + spike, seed)
    start = time.process_time()
    with warnings.catch_warnings():  # finding none is a result here
        warnings.filterwarnings("ignore", "No direction", UserWarning)
        estimator.fit(X, y)
    seconds = time.process_time() - start
    error = normalized_mse(truth(X_test), estimator.predict(X_test))
    return {"normalized_error": float(error), "cpu_seconds": seconds}
