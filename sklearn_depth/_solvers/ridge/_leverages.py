"""How far a ridge head follows each sample's own target."""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import EPS, LEAST_FREE, TINY
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array


def own_part(samples: Samples, head: RidgeHead) -> Array:
    """What each sample's target adds to its own fitted value; (n_samples,).

    That is how much less the sample would be above the mean with the coefficients of
    the head without it. The mean stays: without a sample it would fall where its target
    is high, and say what the target was. The head has X for its features, an intercept
    and one target.
    """
    centred = samples.rooted(samples.X - samples.average(samples.X))
    alpha = float(head.alpha[0]) / samples.unit
    leverage = _leverages(centred, alpha)
    free = np.maximum(1 - leverage - samples.share, LEAST_FREE)
    fitted = samples.X @ head.coef[:, 0] + head.intercept[0]
    return leverage / free * (samples.targets[:, 0] - fitted)


def _leverages(rows: NDArray, alpha: float) -> Array:
    """The diagonal of ``R (R'R + alpha)^-1 R'``, by the smaller matrix.

    A penalty below the rounding of the matrix is raised to that.
    """
    wide = len(rows) <= rows.shape[1]
    gram = rows @ rows.T if wide else rows.T @ rows
    least = EPS * float(np.trace(gram))
    alpha = max(alpha, least, TINY)
    gram[np.diag_indices_from(gram)] += alpha
    factor = linalg.cholesky(gram, lower=True)
    if wide:
        inverse = linalg.solve_triangular(factor, np.eye(len(rows)), lower=True)
        return np.asarray(1 - alpha * np.square(inverse).sum(axis=0))
    halves = linalg.solve_triangular(factor, rows.T, lower=True)
    return np.asarray(np.square(halves).sum(axis=0))
