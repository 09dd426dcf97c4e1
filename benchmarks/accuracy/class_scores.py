"""How good probabilities of classes are, where the true ones are known or labels are.

``truth`` has the probability of each class, (n_samples, n_classes), or indicators of
labels; every measure is its expectation under them.
"""

import numpy as np
from sklearn.metrics import roc_auc_score

N_BINS = 15
LEAST = 1e-7  # what smaller probabilities count as: single precision's spacing at 1


def shares(y):
    """The share of each class among the labels 0, 1, ..."""
    return np.bincount(y) / len(y)


def log_loss(truth, probability):
    """Mean of the negative logarithm of the probability of the class."""
    return -np.mean(np.sum(truth * np.log(np.maximum(probability, LEAST)), axis=1))


def auc(truth, probability):
    """Area under the ROC curve: the mean over classes of one against the rest."""
    label = np.repeat([1, 0], len(truth))
    return np.mean(
        [
            roc_auc_score(
                label, np.tile(p, 2), sample_weight=np.concatenate([t, 1 - t])
            )
            for t, p in zip(truth.T, probability.T, strict=True)
        ]
    )


def calibration_error(truth, probability):
    """Expected calibration error of the likeliest class, in equal bins.

    How far the mean probability in a bin is from the share of samples that are of the
    class, averaged over samples. Noise of few samples counts as error.
    """
    rows, likeliest = np.arange(len(truth)), probability.argmax(axis=1)
    stated, true = probability[rows, likeliest], truth[rows, likeliest]
    bins = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
    gaps = np.bincount(bins, weights=stated - true)
    return np.abs(gaps).sum() / len(truth)


def scores(truth, probability, y):
    """All measures, and log loss over that of the class shares of the labels ``y``."""
    probability = np.asarray(probability, dtype=np.float64)
    probability /= probability.sum(axis=1, keepdims=True)
    loss = log_loss(truth, probability)
    return {
        "log_loss": loss,
        "relative_log_loss": loss / log_loss(truth, shares(y)),
        "auc": auc(truth, probability),
        "calibration_error": calibration_error(truth, probability),
    }
