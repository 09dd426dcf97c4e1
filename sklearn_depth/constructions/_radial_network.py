"""A one-hidden-layer ReLU network for a function of the norm, and its errors."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth.constructions._deep_network import check_inputs
from sklearn_depth.features._direction_means import direction_means, network_weights


@dataclass(frozen=True, eq=False)
class RadialNetwork:
    r"""A one-hidden-layer ReLU network for a function of the norm.

    .. math:: f(x) = c_0 + \frac{1}{m} \sum_{i=1}^m \sum_k c_k
        \big[ (\langle w_i, x \rangle - t_k)_+ + (-\langle w_i, x \rangle - t_k)_+ \big]

    Attributes
    ----------
    directions : ndarray of shape (n_projections, n_features)
        Unit vectors w, orthonormal in blocks of ``n_features``.
    knots : ndarray of shape (n_knots,)
        The t, in the units of x.
    coef : ndarray of shape (n_knots,)
        Outer weights c, which all directions share.
    intercept : float
        The constant :math:`c_0`.
    sup_error : float
        Largest error over 10 000 fresh draws of the law, in units of the profile.
    l2_error : float
        Root mean square of the error over the same draws.
    expected_error : float
        The root mean square to expect, over the draw of the directions as well.
    l2_limit : float
        The same for the construction with infinitely many directions: what the knots,
        and the degree, cost.
    amplification : float
        Largest absolute value that one direction contributes, over the profile's.
    """

    directions: np.ndarray
    knots: np.ndarray
    coef: np.ndarray
    intercept: float
    sup_error: float
    l2_error: float
    expected_error: float
    l2_limit: float
    amplification: float

    @property
    def width(self):
        """Number of hidden units, the constant one left out.

        Returns
        -------
        width : int
            Two units for each direction and knot.
        """
        return 2 * len(self.knots) * len(self.directions)

    @property
    def path_norm(self):
        """The sum over paths of the products of absolute weights.

        Returns
        -------
        path_norm : float
            As :func:`~sklearn_depth.metrics.path_norm` has it, without the constant.
        """
        inner = np.abs(self.directions).sum(axis=1).mean()
        return float(2 * inner * np.abs(self.coef).sum())

    def __call__(self, X):
        """Evaluate the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Outputs.
        """
        X = check_inputs(X, self.directions.shape[1])
        return evaluate_hinges(
            X, self.directions, self.knots, self.coef, self.intercept
        )

    def as_network(self):
        """Write the network out, unit by unit.

        Returns
        -------
        W : ndarray of shape (width + 1, n_features)
            Inner weights; the last unit is the constant, with weights 0.
        b : ndarray of shape (width + 1,)
            Inner biases, minus the knots; 1 for the constant.
        a : ndarray of shape (width + 1,)
            Outer weights: ``np.maximum(X @ W.T + b, 0) @ a`` is the output.
        """
        return network_weights(
            self.directions,
            self.knots,
            self.coef,
            self.intercept,
            np.zeros(self.directions.shape[1]),
        )


def evaluate_hinges(X, directions, knots, coef, intercept):
    """The network, by the means that all units of a knot share."""
    origin = np.zeros(X.shape[1])
    return intercept + direction_means(X, origin, directions, knots) @ coef
