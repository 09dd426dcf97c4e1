"""Risk of one fit, a cell of the study in config.toml."""

import time
import warnings
from functools import lru_cache

import numpy as np

from experiments.damian_lee_soltanolkotabi_2022.data import (
    Target,
    draw_points,
    draw_truth,
)
from experiments.damian_lee_soltanolkotabi_2022.models import (
    MODELS,
    Problem,
    paper_network,
)

# Standard deviations, where the targets have 1.
NOISE = {"learning": 1.0, "transfer": 1.0, "samples": 0.1}


def measure(study, link, d, width, n_source, n, model, seed, n_test):
    """Excess risk over the target's mean square, and CPU seconds.

    Only transfer has samples of a source. Both means are over the same fresh points: E
    f² is 1, but with He_4 its mean over 100 000 scatters by 4 %, and the risk of a poor
    model with it. The seconds are those of the fit, and of drawing what the fit before
    it has not drawn.
    """
    target = Target(link, d, NOISE[study], seed)
    with warnings.catch_warnings():  # that no direction stands out of few samples
        warnings.simplefilter("ignore", UserWarning)
        transfers = study == "transfer"
        source = learn_source(target.source, width, n_source) if transfers else None
        start = time.process_time()
        predict = MODELS[model].fit(Problem(target, n, width, n_test, source))
        seconds = time.process_time() - start
    n_points = n_test // 5 if study == "samples" else n_test  # of many features
    X, _ = draw_points(target, n_points, "test")
    f = draw_truth(target)(X)
    risk = np.mean((predict(X) - f) ** 2) / np.mean(f**2)
    return {"risk": float(risk), "cpu_seconds": seconds}


@lru_cache(maxsize=1)
def learn_source(target, width, n):
    """The network that the source was learned with; of no samples, a random one."""
    steps = 1 if n > 0 else 0
    network = paper_network(target.d, width, target.seed, n_feature_steps=steps)
    return network.fit(*draw_points(target, n or 100, "source"))
