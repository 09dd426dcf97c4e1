"""Which neurons of a teacher a fitted network has found."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.utils.validation import check_array

from sklearn_depth._math._tolerances import TINY
from sklearn_depth.utils._sklearn import validate_params


@validate_params(
    {
        "neurons_true": ["array-like"],
        "neurons_pred": ["array-like"],
        "signed": ["boolean"],
    }
)
def neuron_matching_score(neurons_true, neurons_pred, *, signed=True):
    r"""Compute how well the neurons of a teacher are found among fitted ones.

    .. math:: \max_\pi \frac 1 m \sum_{i=1}^m
        \frac{\langle w_i, v_{\pi(i)} \rangle}{\|w_i\| \, \|v_{\pi(i)}\|}

    over all ways :math:`\pi` to give each true neuron :math:`w_i` a fitted one of its
    own.

    Parameters
    ----------
    neurons_true : array-like of shape (n_neurons, n_features)
        Weights of the neurons to find, one a row, none zero.
    neurons_pred : array-like of shape (n_neurons_pred, n_features)
        Weights of the fitted neurons, one a row. Where there are fewer than true ones,
        a true neuron without a partner counts 0; a row of zeros is worth 0 to all.
    signed : bool, default=True
        Whether opposite directions differ. Fitted neurons may come as :math:`-w` where
        the model has a linear part, since :math:`[z]_+ = z + [-z]_+`; pass False there,
        which takes absolute values of the cosines.

    Returns
    -------
    score : float
        At most 1, for every direction found.

    Raises
    ------
    ValueError
        If the numbers of features differ, or a true neuron is zero.

    See Also
    --------
    subspace_alignment_score : Whether the neurons span the right subspace.
    sklearn_depth.datasets.make_teacher_network : Data from such a teacher.

    Notes
    -----
    The matching is an assignment problem, solved exactly. The best of many random
    neurons is near every true one by chance: of N directions in d dimensions the
    nearest has a cosine of about :math:`\sqrt{2 \ln N / d}`. Compare with the score
    that the neurons had before training, or pass those alone whose output weights
    matter.

    Examples
    --------
    >>> from sklearn_depth.metrics import neuron_matching_score
    >>> neuron_matching_score([[1, 0], [0, 1]], [[0, 3], [2, 0], [1, 1]])
    1.0
    >>> neuron_matching_score([[1, 0], [0, 1]], [[5, 0]])
    0.5
    >>> neuron_matching_score([[1, 0]], [[-1, 0]], signed=False)
    1.0
    """
    true = check_array(neurons_true, dtype=np.float64, input_name="neurons_true")
    fitted = check_array(neurons_pred, dtype=np.float64, input_name="neurons_pred")
    if true.shape[1] != fitted.shape[1]:
        raise ValueError(
            f"neurons_true has {true.shape[1]} features and neurons_pred "
            f"{fitted.shape[1]}. Both need a column for each feature."
        )
    if not true.any(axis=1).all():
        raise ValueError(
            f"row {np.argmin(true.any(axis=1))} of neurons_true is zero, so it has no "
            "direction to find. Leave it out."
        )
    cosines = np.clip(_unit_rows(true) @ _unit_rows(fitted).T, -1, 1)
    if not signed:
        cosines = np.abs(cosines)
    matched = linear_sum_assignment(cosines, maximize=True)
    return float(np.sum(cosines[matched]) / len(true))


def _unit_rows(rows):
    """Rows over their norms, those of zeros as they are."""
    rows = rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), TINY)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), TINY)
