"""Folds of samples with classes, the same ones whatever the order of the rows."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples

_N_FOLDS = 3


def folds_of(samples: Samples) -> NDArray[np.intp]:
    """The fold of each row; -1 where a row is alone of its class and never left out.

    Rows are counted class by class along one direction.
    """
    if samples.n_targets == 1:
        label = (samples.targets[:, 0] > 0.5).astype(np.intp)
    else:
        label = samples.targets.argmax(axis=1)
    direction = np.random.default_rng(0).standard_normal(samples.n_features)
    order = np.lexsort((samples.X @ direction, label))
    folds = np.empty(len(samples), dtype=np.intp)
    folds[order] = np.arange(len(samples)) % _N_FOLDS
    folds[np.bincount(label)[label] == 1] = -1
    return folds
