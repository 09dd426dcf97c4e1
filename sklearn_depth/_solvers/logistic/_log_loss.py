"""Log loss of margins: one column for two classes, else one for each class.

Targets are the second class's share of a sample, or the share of each class.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, softmax

Array = NDArray[np.float64]


def log_losses(margins: Array, targets: Array) -> Array:
    """-sum_k y_k log p_k of each sample."""
    if margins.shape[1] == 1:
        losses: Array = (np.logaddexp(0, margins) - targets * margins)[:, 0]
    else:
        losses = logsumexp(margins, axis=1) - np.sum(targets * margins, axis=1)
    return losses


def probabilities(margins: Array) -> Array:
    """p of each column: of the second class alone, or of each class."""
    return expit(margins) if margins.shape[1] == 1 else softmax(margins, axis=1)


def mean_curvature(p: Array) -> Array:
    """Second derivative of a sample's loss by its margin, or the mean over several.

    That is the trace of diag(p) - pp' over its rank.
    """
    if p.shape[1] == 1:
        return (p * (1 - p))[:, 0]
    curvature: Array = (1 - np.sum(p**2, axis=1)) / (p.shape[1] - 1)
    return np.maximum(curvature, 0)


def loss_of_shares(mean_targets: Array) -> float:
    """The mean log loss of the classes' own shares."""
    p = mean_targets
    if len(p) == 1:
        p = np.append(p, 1 - p)
    return float(-np.sum(p * np.log(p, where=p > 0, out=np.zeros_like(p))))


def apart(values: Array) -> Array:
    """Less what outputs have in common: no part of probabilities, nor of a minimum."""
    if values.shape[1] == 1:
        return values
    return values - values.mean(axis=1, keepdims=True)


def margins_of_shares(mean_targets: Array) -> Array:
    """The margins whose probabilities are the classes' own shares."""
    logs = np.log(np.clip(mean_targets, np.finfo(float).tiny, None))
    if len(logs) == 1:
        return logs - np.log1p(-mean_targets)
    return logs - logs.mean()
