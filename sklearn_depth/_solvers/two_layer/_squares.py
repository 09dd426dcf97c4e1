"""A layer of the squares of all features, whose head sees their sum alone.

Of many weak squares of one sign, as those of a ball, none shows where their sum does.
"""

import numpy as np
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import NONE
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer
from sklearn_depth._solvers.two_layer._smooth import (
    bears_products,
    unit_bounds,
    with_group_head,
)
from sklearn_depth._solvers.two_layer._smooth_units import SmoothUnits


def sum_of_squares(samples: Samples, columns: Array) -> Layer | None:
    """Hermite polynomials of degree 2 of each feature, standardised, in one sum.

    Samples have inputs z as X and targets of variance 1; the rows of ``columns`` are
    the features as functions of z. None where samples are too few for them.
    """
    n_units, n_features = columns.shape
    if not bears_products(1 + n_features, samples.n_rows):
        return None
    before = samples.X @ columns.T
    mean = samples.average(before)
    scale = np.sqrt(samples.average((before - mean) ** 2))
    scale[scale <= NONE * np.abs(before).max(axis=0)] = np.inf
    weights, biases = columns / scale[:, None], -mean / scale
    bounds = unit_bounds(before / scale + biases, samples.share, wide=True)
    smooth = SmoothUnits(np.arange(n_units), np.full(n_units, 2), bounds)
    layer = Layer(weights, biases, smooth=smooth, step="sum of squares")
    total = np.full((n_units, 1), 1 / np.sqrt(n_units))
    mixing = linalg.block_diag(total, np.eye(n_features))
    labels = np.repeat([0, 1], [1, n_features])
    return with_group_head(layer, mixing, labels, samples)
