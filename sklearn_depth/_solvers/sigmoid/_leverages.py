"""Leverages of samples under weights: quadratic forms in an inverse second moment."""

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._tolerances import NONE, TINY
from sklearn_depth.utils._memory import row_blocks

# Matrices of so many rows are inverted whole.
_SMALL = 64
# The penalty of an intercept: all but none.
_FREE = 1e-8


def second_moments(
    hidden: NDArray, rows: NDArray, weight: NDArray
) -> NDArray[np.float64]:
    """``H' diag(weight) H`` of some samples, in float64 and by blocks of them.

    For few samples it is ``D H H' D``, D = sqrt(weight), which has the same eigenvalues
    but for zeros.
    """
    root = np.sqrt(weight.astype(np.float64))[:, None]
    if len(rows) < hidden.shape[1]:
        part = root * hidden[rows]
        return part @ part.T
    total = np.zeros((hidden.shape[1],) * 2)
    for block in row_blocks(len(rows), len(total)):
        part = root[block] * hidden[rows[block]]
        total += part.T @ part
    return total


def inverse_forms(
    hidden: NDArray,
    rows: NDArray,
    curvature: NDArray,
    penalty: float,
    fit_intercept: bool,
) -> NDArray[np.float64]:
    """``<h_i, A^-1 h_i>`` of samples, ``A = sum_i curvature_i h_i h_i' + penalty I``.

    An intercept is one more feature, a column of ones all but without penalty. Of few
    samples each form follows from ``I + D H H' D / penalty``, D = sqrt(curvature).
    """
    curvature = curvature.astype(np.float64)
    moments = second_moments(hidden, rows, curvature)
    # A smaller one would be lost in the rounding of the factorisation.
    penalty = max(penalty, NONE * np.trace(moments), TINY / _FREE)
    if len(rows) < hidden.shape[1]:
        if fit_intercept:
            root = np.sqrt(curvature)
            moments += penalty / _FREE * np.outer(root, root)
        moments /= penalty
        moments[np.diag_indices_from(moments)] += 1
        inverse = _inverse_lower(np.linalg.cholesky(moments))
        return (1 - (inverse**2).sum(axis=0)) / np.maximum(curvature, TINY)
    moments[np.diag_indices_from(moments)] += penalty
    if fit_intercept:
        border = sum(curvature[b] @ hidden[rows[b]] for b in row_blocks(*hidden.shape))
        moments = _bordered(moments, border, curvature.sum() + _FREE)
    whiten = _inverse_lower(np.linalg.cholesky(moments))
    forms = np.empty(len(rows))
    for block in row_blocks(len(rows), len(moments)):
        white = hidden[rows[block]] @ whiten[:, : hidden.shape[1]].T
        if fit_intercept:
            white += whiten[:, -1]
        forms[block] = (white**2).sum(axis=1)
    return forms


def _inverse_lower(lower: NDArray) -> NDArray[np.float64]:
    """The inverse of a lower triangular matrix, by halves.

    With NumPy's products alone: threads of SciPy's LAPACK would go on spinning beside
    those of NumPy's, and slow down what comes next.
    """
    if len(lower) <= _SMALL:
        return np.linalg.inv(lower)
    k = len(lower) // 2
    first, last = _inverse_lower(lower[:k, :k]), _inverse_lower(lower[k:, k:])
    inverse = np.zeros_like(lower)
    inverse[:k, :k], inverse[k:, k:] = first, last
    inverse[k:, :k] = -last @ (lower[k:, :k] @ first)
    return inverse


def _bordered(matrix: NDArray, border: NDArray, corner: float) -> NDArray:
    """``matrix`` with one more row and column."""
    return np.block([[matrix, border[:, None]], [border[None], np.array([[corner]])]])
