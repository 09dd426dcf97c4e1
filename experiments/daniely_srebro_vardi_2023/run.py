"""Errors of one fit or shadow of a network, a cell of the study in config.toml."""

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from experiments.daniely_srebro_vardi_2023.data import (
    Network,
    draw_network,
    draw_points,
)
from experiments.daniely_srebro_vardi_2023.models import MODELS, SHADOWS
from sklearn_depth.datasets import shadow_network


def measure(activation, depth, d, n, model, seed, n_test):
    """E|Psi - f|, E(Psi - f)² and Var Psi on fresh points, CPU seconds of the fit."""
    network = Network(activation, depth, d, seed)
    X, y = draw_points(network, n_test, unseen=True)
    if model in SHADOWS:
        f, seconds = shadow_network(draw_network(network), SHADOWS[model]), 0.0
    else:
        f, seconds = fit(MODELS[model], network, n)
    error = f(X) - y
    return {
        "absolute_error": float(np.mean(np.abs(error))),
        "squared_error": float(np.mean(error**2)),
        "variance": float(np.var(y)),
        "cpu_seconds": seconds,
    }


def fit(model, network, n):
    """What the fitted model predicts, and the CPU seconds of its fit."""
    X, y = draw_points(network, n)
    estimator = model.build(network, n)
    start = time.process_time()
    with warnings.catch_warnings():
        if model.stops_early:
            warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(X, y)
    return estimator.predict, time.process_time() - start
