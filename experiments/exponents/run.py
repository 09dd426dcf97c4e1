"""How well one learner finds a direction, a cell of the study in config.toml."""

import time

import numpy as np

from experiments.exponents.links import LINKS
from experiments.exponents.models import MODELS


def measure(link, d, ratio, model, seed, n_test):
    """The squared cosine with the direction, from n = ratio d samples, or ratio d^2.

    It is exact: none of the ``n_test`` fresh points is needed.
    """
    n = round(ratio * d ** LINKS[link].growth)
    X = np.random.default_rng([seed, d, n]).standard_normal((n, d))
    y = LINKS[link].function(X[:, 0])
    start = time.process_time()
    found = MODELS[model].find(X, y, link)
    seconds = time.process_time() - start
    cosine = found[0] / np.linalg.norm(found)
    return {"squared_cosine": float(cosine**2), "cpu_seconds": seconds}
