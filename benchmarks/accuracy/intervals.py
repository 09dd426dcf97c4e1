"""Intervals by a bootstrap over tasks, and over the draws of each.

Draws of a task are the same for all models.
"""

import numpy as np

from .draws import geometric_means
from .summary import floored

N_TIMES = 1000
LEVEL = 0.95


def mean_ratios(suite):
    """The range of each model's mean ratio to the best of each task, (2, n_models)."""
    errors, _ = resampled(suite.draws)
    ratios = errors / errors.min(axis=-1, keepdims=True)
    return middle_share(geometric_means(ratios))


def over_best_rival(suite):
    """How models, and last our picks, compare with the best rival of each task.

    Geometric means of ratios of errors, (n_models + 1,), and the range of each.
    """
    errors, tasks = resampled(suite.draws)
    found = ratios_to_rivals(suite, suite.floored, np.arange(len(suite.tasks)))
    ranges = middle_share(ratios_to_rivals(suite, errors, tasks))
    return found, ranges


def ratios_to_rivals(suite, errors, tasks):
    """Means over ``tasks``, of whose errors the last two axes are."""
    picked = np.take_along_axis(errors, suite.picked[tasks][..., None], axis=-1)
    best = errors[..., ~suite.is_ours].min(axis=-1, keepdims=True)
    return geometric_means(np.concatenate([errors, picked], axis=-1) / best)


def resampled(draws, seed=0):
    """Errors of tasks, each the median over its draws, both drawn with replacement.

    Returns the errors, (N_TIMES, n_tasks, n_models), and which task each is of.
    """
    n_tasks, _, n_draws = draws.shape
    rng = np.random.default_rng(seed)
    tasks = rng.integers(n_tasks, size=(N_TIMES, n_tasks))
    chosen = rng.integers(n_draws, size=(N_TIMES, n_tasks, n_draws))
    errors = np.median(draws[tasks[..., None], :, chosen], axis=-2)
    return floored(errors), tasks


def middle_share(values):
    """The range of the middle ``LEVEL`` of them, along the first axis."""
    tail = (1 - LEVEL) / 2
    return np.quantile(values, [tail, 1 - tail], axis=0)
