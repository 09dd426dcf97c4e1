"""A fully connected ReLU network written down, as a value."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_array

from sklearn_depth._math._dense_network import DenseNetwork, path_norm
from sklearn_depth.utils._memory import row_blocks


@dataclass(frozen=True, eq=False)
class DeepNetwork:
    r"""A fully connected ReLU network with one output.

    .. math:: f(x) = b_L + C_L^T \big[ b_{L-1} + C_{L-1}^T [ \dots
        [b_1 + C_1^T x]_+ \dots ]_+ \big]_+

    Attributes
    ----------
    coefs : tuple of ndarray of shape (fan_in, fan_out)
        Weights C of the layers, the last with one column.
    intercepts : tuple of ndarray of shape (fan_out,)
        Intercepts b of the layers.
    """

    coefs: tuple
    intercepts: tuple

    @property
    def n_features(self):
        """Number of features."""
        return len(self.coefs[0])

    @property
    def depth(self):
        """Number of weight matrices, one more than hidden layers.

        Returns
        -------
        depth : int
            The L above.
        """
        return len(self.coefs)

    @property
    def widths(self):
        """Number of units of each hidden layer.

        Returns
        -------
        widths : tuple of int
            From the inputs up.
        """
        return tuple(coef.shape[1] for coef in self.coefs[:-1])

    @property
    def n_units(self):
        """Number of hidden units in all.

        Returns
        -------
        n_units : int
            The sum of ``widths``.
        """
        return sum(self.widths)

    @property
    def path_norm(self):
        """The sum over paths of the products of absolute weights.

        Returns
        -------
        path_norm : float
            As :func:`~sklearn_depth.metrics.path_norm` has it, without intercepts.
        """
        return path_norm(self.coefs)

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
        X = check_inputs(X, self.n_features)
        return evaluate_layers(self.coefs, self.intercepts, X)


def check_inputs(X, n_features):
    """Samples that a network of so many inputs can take."""
    X = check_array(X, dtype=np.float64)
    if X.shape[1] != n_features:
        raise ValueError(
            f"X has {X.shape[1]} features, but this network was built for "
            f"{n_features}. Pass X with {n_features} features."
        )
    return X


def evaluate_layers(coefs, intercepts, X):
    """The output, by blocks of samples."""
    network, y = DenseNetwork(coefs, intercepts), np.empty(len(X))
    for rows in row_blocks(len(X), max(map(len, intercepts))):
        y[rows] = network.values(X[rows])[:, 0]
    return y
