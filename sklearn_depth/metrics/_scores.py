"""Scores of what an estimator has learned, beside its predictions."""

import numpy as np
from sklearn.metrics import mean_squared_error
from sklearn.utils.validation import check_array

from sklearn_depth._math._tolerances import EPS
from sklearn_depth.utils._sklearn import (
    StrOptions,
    check_sample_weight,
    validate_params,
)


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "sample_weight": ["array-like", None],
        "multioutput": [
            StrOptions({"raw_values", "uniform_average", "variance_weighted"}),
            "array-like",
        ],
    }
)
def normalized_mse(
    y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"
):
    r"""Compute the mean squared error as a share of the targets' variance.

    .. math:: \frac{\sum_i s_i (y_i - \hat y_i)^2}{\sum_i s_i (y_i - \bar y)^2}
        = 1 - R^2

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_targets)
        The targets.
    y_pred : array-like of shape (n_samples,) or (n_samples, n_targets)
        The predictions.
    sample_weight : array-like of shape (n_samples,), default=None
        The weights s.
    multioutput : str or array-like of shape (n_targets,), default="uniform_average"
        What is made of several targets: "raw_values" an error each, "uniform_average"
        their mean, "variance_weighted" their mean weighted by the targets' variances,
        an array their mean with these weights.

    Returns
    -------
    error : float or ndarray of shape (n_targets,)
        At least 0; 1 for the mean of ``y_true``. Targets that are constant have no
        variance: as in :func:`sklearn.metrics.r2_score`, the error is then 0 if
        predictions are exact and else 1.

    See Also
    --------
    sklearn.metrics.r2_score : One minus this.

    Notes
    -----
    It is computed as the ratio, so that an error far below 1e-16, which
    ``1 - r2_score(...)`` rounds to 0, keeps its digits.

    Examples
    --------
    >>> from sklearn_depth.metrics import normalized_mse
    >>> normalized_mse([1, 2, 3], [1, 2, 4])
    0.5
    >>> normalized_mse([1, 2, 3], [2, 2, 2])
    1.0
    """
    errors, variances, units = _errors_and_variances(y_true, y_pred, sample_weight)
    shares = np.where(errors > 0, 1.0, 0.0)
    np.divide(errors, variances, out=shares, where=variances > 0)
    if isinstance(multioutput, str) and multioutput == "raw_values":
        return shares
    weights = _output_weights(multioutput, variances * units**2)
    return float(np.average(shares, weights=weights))


def _errors_and_variances(y_true, y_pred, sample_weight):
    """Mean squared errors and variances of the targets, exactly 0 for constants.

    Each target is in a unit near its largest number, so that squares stay in float64;
    the units come third, as shares of the largest.
    """
    weight = check_sample_weight(sample_weight, y_true)
    options = {"sample_weight": weight, "multioutput": "raw_values"}
    targets, predicted = _columns(y_true, "y_true"), _columns(y_pred, "y_pred")
    if targets.shape[1] != predicted.shape[1]:
        raise ValueError(
            f"y_true has {targets.shape[1]} targets and y_pred {predicted.shape[1]}: "
            "there must be as many."
        )
    largest = np.maximum(np.abs(targets).max(axis=0), np.abs(predicted).max(axis=0))
    exponents = np.frexp(largest)[1]
    targets, predicted = (np.ldexp(y, -2 - exponents) for y in (targets, predicted))
    errors = mean_squared_error(targets, predicted, **options)
    targets = targets - targets[np.argmax(weight > 0)]
    mean = np.average(targets, axis=0, weights=weight)
    variances = mean_squared_error(targets, np.tile(mean, (len(targets), 1)), **options)
    return errors, variances, np.ldexp(1.0, exponents - exponents.max())


def _columns(y, name):
    """A column for each target, in float64."""
    y = check_array(y, ensure_2d=False, dtype=np.float64, input_name=name)
    return y.reshape(len(y), -1)


def _output_weights(multioutput, variances):
    """The weights of the targets in their mean; None for equal ones."""
    if isinstance(multioutput, str):
        weighted = multioutput == "variance_weighted" and variances.any()
        return variances if weighted else None
    weights = np.asarray(multioutput, dtype=np.float64)
    if weights.shape != variances.shape:
        raise ValueError(
            f"multioutput has shape {weights.shape}, but there are {len(variances)} "
            f"targets. Pass one weight for each, shape {variances.shape}, or a name."
        )
    return weights


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
        If the numbers of features differ.

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
            f"directions_true has {one.shape[1]} features and directions_pred "
            f"{other.shape[1]}: both must be directions in the same space."
        )
    rank = max(len(one), len(other), 1)
    return float(np.clip(np.sum((one @ other.T) ** 2) / rank, 0, 1))


def _orthonormal_rows(rows):
    """An orthonormal basis of the row space."""
    _, singular, basis = np.linalg.svd(rows, full_matrices=False)
    level = max(rows.shape) * EPS * singular.max(initial=0.0)
    return basis[singular > level]
