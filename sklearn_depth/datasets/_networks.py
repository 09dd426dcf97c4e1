"""Random networks as targets, and the polynomials that shadow them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sklearn_depth._math._hermite_series import (
    ACTIVATIONS,
    gaussian_norm,
    hermite_coefficients,
)
from sklearn_depth.datasets._links import HermiteSeries
from sklearn_depth.datasets._truth import (
    ISOTROPIC_INPUTS,
    NoisyTruth,
    check_size,
    draw_data,
    draw_isotropic,
    validated_generator,
)
from sklearn_depth.utils._constraints import NON_NEGATIVE_INTEGER, POSITIVE_INTEGER
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import StrOptions, validate_params


@dataclass(frozen=True)
class UnitActivation:
    """An activation over its norm under N(0, 1)."""

    function: Callable
    norm: float

    def __call__(self, z):
        return self.function(z) / self.norm


@dataclass(frozen=True, eq=False)
class RandomNetworkTruth(NoisyTruth):
    """A network with random weights, under Gaussian noise.

    Attributes
    ----------
    weights : tuple of ndarray
        Matrices W^1, ..., W^i of shapes (width, n_features), (width, width), ...,
        (1, width).
    activation : callable
        The activation of hidden neurons, of unit norm under N(0, 1).
    inputs : {"sphere", "gaussian"}
        The law of the inputs.
    noise : float
        Standard deviation of the noise.
    """

    weights: tuple
    activation: Callable
    inputs: str
    noise: float

    @property
    def n_features(self):
        """Number of features."""
        return self.weights[0].shape[1]

    def _draw_inputs(self, n_samples, rng):
        return draw_isotropic(self.inputs, n_samples, self.n_features, rng)

    def _target(self, X):
        widest = max(len(matrix) for matrix in self.weights)
        return np.concatenate(
            [self._forward(X[rows]) for rows in row_blocks(len(X), widest)]
        )

    def _forward(self, X):
        *hidden, last = self.weights
        for matrix in hidden:
            X = self.activation(X @ matrix.T)
        return (X @ last.T)[:, 0]

    def _draw_targets(self, n_samples, rng):
        return self._target(self._draw_inputs(n_samples, rng))


@validated_generator(
    depth=[POSITIVE_INTEGER],
    width=[POSITIVE_INTEGER],
    activation=[StrOptions(set(ACTIVATIONS)), callable],
    inputs=ISOTROPIC_INPUTS,
)
def make_random_network(
    n_samples=100,
    n_features=10,
    *,
    depth=2,
    width=300,
    activation="erf",
    inputs="sphere",
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a network with random weights as the target.

    .. math:: \Psi^0 = x, \quad \Psi^j = \sigma(W^j \Psi^{j-1}) \text{ for } j < i,
        \quad y = W^i \Psi^{i-1} + s \varepsilon, \quad \varepsilon \sim N(0, 1)

    with independent entries :math:`W^j_{kl} \sim N(0, 1 / d_{j-1})`, one over the
    number of columns of the matrix, and :math:`\sigma` divided by its norm under
    N(0, 1), so that every neuron has second moment about 1.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features.
    depth : int, default=2
        Number i of weight matrices; 1 is a linear target.
    width : int, default=300
        Neurons in each hidden layer.
    activation : str or callable, default="erf"
        "erf", erf(z / sqrt(2)); "erf_integral", its integral from 0; "logistic",
        "relu", "tanh"; or one's own vectorised function, smooth but for a kink at 0.
    inputs : {"sphere", "gaussian"}, default="sphere"
        Uniform on the sphere of radius sqrt(n_features), or N(0, I).
    noise : float, default=0.0
        Standard deviation s of the noise, in units of y.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs.
    y : ndarray of shape (n_samples,)
        Targets.
    truth : RandomNetworkTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.weights``, ``truth.activation``.

    Raises
    ------
    ValueError
        If the activation is zero, or not finite, on N(0, 1).

    See Also
    --------
    shadow_network : The polynomial near such a network.
    sklearn_depth.HermitePolynomialRegressor : Learns it by polynomial regression.

    Notes
    -----
    Theorem 1.1 of [1]_: for any law of inputs on the sphere, such a network of constant
    depth and large width is close to a polynomial of constant degree with high
    probability over its weights, hence learnable; drawing the inputs after the weights,
    adversarially, makes it hard.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_random_network
    >>> X, y, truth = make_random_network(
    ...     1000, 20, depth=3, return_truth=True, random_state=0)
    >>> [matrix.shape for matrix in truth.weights]
    [(300, 20), (300, 300), (1, 300)]
    """
    check_size(n_samples, n_features, _n_weights(n_features, width, depth))
    rng = check_generator(random_state)
    widths = [n_features] + [width] * (depth - 1) + [1]
    weights = tuple(
        rng.standard_normal((fan_out, fan_in)) / np.sqrt(fan_in)
        for fan_in, fan_out in pairwise(widths)
    )
    truth = RandomNetworkTruth(
        weights, _unit_activation(activation), inputs, float(noise)
    )
    return draw_data(truth, n_samples, rng, return_truth)


@validate_params(
    {
        "truth": [RandomNetworkTruth],
        "degree": [NON_NEGATIVE_INTEGER],
    }
)
def shadow_network(truth, degree):
    r"""Cut the Hermite series of a random network's activations.

    .. math:: \sigma = \sum_k a_k h_k \quad \to \quad \sigma_n = \sum_{k \le n} a_k h_k

    The weights stay the same, so the shadow is a polynomial in x of degree
    :math:`n^{i - 1}`, with i the number of weight matrices.

    Parameters
    ----------
    truth : RandomNetworkTruth
        The network, from :func:`make_random_network`.
    degree : int
        Degree n at which each activation is cut, at least 0.

    Returns
    -------
    shadow : RandomNetworkTruth
        The network with the cut activations.

    See Also
    --------
    make_random_network : The network.

    Notes
    -----
    With one hidden layer the mean square over weights of the difference is exactly
    :math:`\varepsilon_\sigma(n)^2 = \sum_{k > n} a_k^2` on the sphere, and Theorem 2.3
    of [1]_ bounds it for more layers.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508, Section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.datasets import make_random_network, shadow_network
    >>> X, y, truth = make_random_network(
    ...     1000, 20, return_truth=True, random_state=0)
    >>> shadow = shadow_network(truth, degree=5)
    >>> print(f"{np.mean(np.abs(shadow(X) - y)):.3f}")
    0.020
    """
    series = HermiteSeries(hermite_coefficients(truth.activation, degree))
    return replace(truth, activation=series)


def _unit_activation(activation):
    function = ACTIVATIONS[activation] if isinstance(activation, str) else activation
    with np.errstate(over="ignore", invalid="ignore"):
        norm = gaussian_norm(function)
    if not 0 < norm < np.inf:
        raise ValueError(
            f"activation has norm {norm} under N(0, 1), so it cannot be scaled to unit "
            "norm. Use a function that is finite and not zero."
        )
    return UnitActivation(function, norm)


def _n_weights(n_features, width, depth):
    """How many weights a network of this shape has."""
    if depth == 1:
        return n_features
    return width * (n_features + (depth - 2) * width + 1)
