"""Scores of what an estimator has learned, beside its predictions."""

import numpy as np
from sklearn.utils.validation import check_array

__all__ = ["subspace_alignment_score"]


def subspace_alignment_score(directions_true, directions_pred):
    r"""Compute how far two subspaces agree, from 0 for orthogonal to 1 for equal.

    .. math:: \frac{\|Q_1 Q_2^T\|_F^2}{\max(r_1, r_2)}

    with the rows of :math:`Q_1` and :math:`Q_2` orthonormal bases of the row spaces:
    the sum of the squared cosines of the principal angles over the larger rank. A
    random r-dimensional subspace scores r / n_features on average against one of the
    same rank.

    Parameters
    ----------
    directions_true : array-like of shape (n_directions, n_features)
        Rows that span the one subspace; they need not be orthonormal.
    directions_pred : array-like of shape (n_directions_pred, n_features)
        Rows that span the other.

    Returns
    -------
    score : float
        The score; 0 if one of the subspaces is that of the zero vector alone.

    Raises
    ------
    ValueError
        If the numbers of columns differ.

    Examples
    --------
    >>> from sklearn_depth.metrics import subspace_alignment_score
    >>> plane = [[1, 0, 0], [0, 1, 0]]
    >>> round(subspace_alignment_score(plane, [[1, 1, 0], [1, -1, 0]]), 6)
    1.0
    >>> subspace_alignment_score(plane, [[0, 0, 1]])
    0.0
    """
    bases = [
        _orthonormal_rows(check_array(rows, dtype=np.float64, input_name=name))
        for name, rows in (
            ("directions_true", directions_true),
            ("directions_pred", directions_pred),
        )
    ]
    one, other = bases
    if one.shape[1] != other.shape[1]:
        raise ValueError(
            f"directions_true has {one.shape[1]} columns and directions_pred "
            f"{other.shape[1]}: both must be directions in the same space."
        )
    rank = max(len(one), len(other), 1)
    return float(np.clip(np.sum((one @ other.T) ** 2) / rank, 0, 1))


def _orthonormal_rows(rows):
    """An orthonormal basis of the row space."""
    _, singular, basis = np.linalg.svd(rows, full_matrices=False)
    level = max(rows.shape) * np.finfo(np.float64).eps * singular.max(initial=0.0)
    return basis[singular > level]
