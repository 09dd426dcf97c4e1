"""A few ReLU neurons at given angles, to be found again."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.datasets._truth import (
    NoisyTruth,
    check_size,
    draw_data,
    validated_generator,
)
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions


@dataclass(frozen=True, eq=False)
class TeacherNetworkTruth(NoisyTruth):
    """A sum of ReLU neurons of Gaussian inputs, under Gaussian noise.

    Attributes
    ----------
    neurons : ndarray of shape (n_neurons, n_features)
        The unit vectors w.
    output_weights : ndarray of shape (n_neurons,)
        The a, 1 or -1 over the square root of ``n_neurons``.
    noise : float
        Standard deviation of the noise.
    """

    neurons: np.ndarray
    output_weights: np.ndarray
    noise: float

    @property
    def n_features(self):
        """Number of features."""
        return self.neurons.shape[1]

    def _draw_inputs(self, n_samples, rng):
        return rng.standard_normal((n_samples, self.n_features))

    def _target(self, X):
        return np.maximum(X @ self.neurons.T, 0) @ self.output_weights

    def _target_variance(self):
        cosine = np.clip(self.neurons @ self.neurons.T, -1, 1)
        theta = np.arccos(cosine)
        moments = (np.sin(theta) + (np.pi - theta) * cosine) / (2 * np.pi)
        a = self.output_weights
        return float(a @ (moments - 1 / (2 * np.pi)) @ a)


@validated_generator(
    n_neurons=[POSITIVE_INTEGER],
    angle=[Interval(Real, 0, np.pi, closed="right")],
    signs=[StrOptions({"positive", "alternating"})],
)
def make_teacher_network(
    n_samples=100,
    n_features=10,
    *,
    n_neurons=3,
    angle=np.pi / 2,
    signs="positive",
    noise=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Draw a network of a few ReLU neurons at given angles to each other.

    .. math:: y = \frac{1}{\sqrt m} \sum_{i=1}^m \pm [\langle w_i, x \rangle]_+
        + \sigma \varepsilon, \qquad \langle w_i, w_j \rangle = \cos \theta, \quad
        \|w_i\| = 1, \quad x \sim N(0, I_d), \quad \varepsilon \sim N(0, 1)

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    n_neurons : int, default=3
        The number m of neurons, at most ``n_features``, in a uniform frame.
    angle : float, default=pi / 2
        The angle :math:`\theta` of every two neurons in radians, above 0 and at most
        :math:`\arccos(-1 / (m - 1))`, where they sum to zero; 2 neurons may be
        opposite.
    signs : {"positive", "alternating"}, default="positive"
        Whether all neurons add to y, or every second one is subtracted.
    noise : float, default=0.0
        Standard deviation :math:`\sigma` of the noise, in units of y.
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
    truth : TeacherNetworkTruth
        Only if ``return_truth``. ``truth(X)`` is the target without noise,
        ``truth.sample(n_samples, random_state)`` draws fresh data, ``truth.bayes_r2``
        is the best possible R²; ``truth.neurons``, ``truth.output_weights``,
        ``truth.noise``.

    Raises
    ------
    ValueError
        If ``n_neurons`` exceeds ``n_features``, or no such neurons have that ``angle``.

    See Also
    --------
    sklearn_depth.metrics.neuron_matching_score : How far a fit has found the neurons.
    make_random_network : Wide networks with random weights.

    Notes
    -----
    For separated neurons and Gaussian inputs, [1]_ shows that gradient descent on the
    regularised loss of a wider network recovers the directions once its loss is below a
    threshold. Close neurons, or neurons of opposite signs, make that harder: what
    tells them apart shrinks with the angle.

    With :math:`E [u]_+ [v]_+ = (\sin \theta + (\pi - \theta) \cos \theta) / (2 \pi)` at
    the angle :math:`\theta` the variance of the target has a closed form, and
    ``truth.bayes_r2`` is exact.

    References
    ----------
    .. [1] Mo Zhou and Rong Ge. How Does Gradient Descent Learn Features: A Local
       Analysis for Regularized Two-Layer Neural Networks. NeurIPS 2024.
       arXiv:2406.01766.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_teacher_network
    >>> X, y, truth = make_teacher_network(
    ...     1000, 20, angle=1.0, noise=0.5, return_truth=True, random_state=0)
    >>> (truth.neurons @ truth.neurons.T).round(3)
    array([[1.  , 0.54, 0.54],
           [0.54, 1.  , 0.54],
           [0.54, 0.54, 1.  ]])
    >>> round(truth.bayes_r2, 3)
    0.725
    """
    check_size(n_samples, n_features, 2 * n_neurons * n_features)
    if n_neurons > n_features:
        raise ValueError(
            f"n_neurons={n_neurons} at equal angles do not fit into n_features="
            f"{n_features} dimensions. Use fewer neurons or more features."
        )
    rng = check_generator(random_state)
    frame = orthonormal_rows(n_neurons, n_features, rng)
    neurons = _at_equal_angles(n_neurons, angle) @ frame
    output_weights = np.full(n_neurons, n_neurons**-0.5)
    if signs == "alternating":
        output_weights[1::2] *= -1
    truth = TeacherNetworkTruth(neurons, output_weights, float(noise))
    return draw_data(truth, n_samples, rng, return_truth)


def _at_equal_angles(n_neurons, angle):
    """The symmetric square root of the Gram matrix (1 - c) I + c 11'."""
    cosine, rounding = np.cos(angle), 1e-12
    along = 1 + (n_neurons - 1) * cosine
    if along < -rounding:
        raise ValueError(
            f"angle={angle:.4g} is too large for n_neurons={n_neurons}: every two of "
            f"them can be {np.arccos(-1 / (n_neurons - 1)):.4g} apart at most. Use a "
            "smaller angle or fewer neurons."
        )
    root, mean = np.sqrt(2) * np.sin(angle / 2), 1 / n_neurons
    shift = (np.sqrt(max(along, 0)) - root) * mean
    return root * np.eye(n_neurons) + shift
