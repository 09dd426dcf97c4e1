"""Folds of samples with classes."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._folds import folds_along
from sklearn_depth._math._samples import Samples

_N_FOLDS = 3


def folds_of(samples: Samples) -> NDArray[np.intp]:
    """The fold of each row; -1 where a row is alone of its class and never left out."""
    if samples.n_targets == 1:
        label = (samples.targets[:, 0] > 0.5).astype(np.intp)
    else:
        label = samples.targets.argmax(axis=1)
    folds = folds_along(samples.X, _N_FOLDS, label)
    folds[np.bincount(label)[label] == 1] = -1
    return folds
