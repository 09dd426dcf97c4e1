"""Labels that depend on a few projections of Gaussian inputs."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.special import expit

from sklearn_depth.datasets._index_truth import MultiIndexTruth
from sklearn_depth.datasets._label_truth import LabelTruth
from sklearn_depth.datasets._links import MULTI_INDEX_LINKS, majority
from sklearn_depth.datasets._multi_index import plant_multi_index
from sklearn_depth.datasets._truth import draw_data, validated_generator
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE_INTEGER
from sklearn_depth.utils._random import check_generator
from sklearn_depth.utils._sklearn import Interval, StrOptions

LABEL_LINKS = MULTI_INDEX_LINKS | {"majority": majority}


@dataclass(frozen=True, eq=False)
class MultiIndexLabelTruth(LabelTruth, MultiIndexTruth):
    """Labels whose probability depends on a few projections of a Gaussian vector.

    It has the attributes of a multi-index truth and these.

    Attributes
    ----------
    noise : float
        The probability that a label is flipped.
    temperature : float
        The scale of the logistic noise under the threshold.
    """

    temperature: float = 0.0

    @property
    def bayes_r2(self):
        """The best R² any predictor of the labels can have, ``Var p / Var y``."""
        p = self._drawn
        return float(np.var(p) / (np.mean(p) * (1 - np.mean(p))))

    def _target(self, X):
        return (super()._target(X) > 0).astype(np.intp)

    def _probability(self, X):
        return self._of_link(super()._target(X))

    def _draw_probabilities(self, n_samples, rng):
        return self._of_link(self._draw_targets(n_samples, rng))

    def _of_link(self, values):
        if self.temperature > 0:
            p = expit(values / self.temperature)
        else:
            p = (values > 0).astype(np.float64)
        return self.noise + (1 - 2 * self.noise) * p

    def _draw_labels(self, X, rng):
        return (rng.random(len(X)) < self._probability(X)).astype(np.intp)


@validated_generator(
    n_directions=[POSITIVE_INTEGER],
    link=[callable, StrOptions({"polynomial", *LABEL_LINKS})],
    degree=[POSITIVE_INTEGER],
    directions=["array-like", None],
    covariance=["array-like", None],
    noise=[Interval(Real, 0, 0.5, closed="left")],
    temperature=[NON_NEGATIVE],
)
def make_multi_index_labels(
    n_samples=100,
    n_features=10,
    *,
    n_directions=2,
    link="sign_product",
    degree=3,
    directions=None,
    covariance=None,
    noise=0.0,
    temperature=0.0,
    return_truth=False,
    random_state=None,
):
    r"""Gaussian inputs with labels that depend on a few projections.

    .. math:: P(y = 1 \mid x) = q + (1 - 2 q)\, s\big(g(z_1, \dots, z_r) / T\big),
        \qquad s(t) = \frac{1}{1 + e^{-t}}

    with projections z as in :func:`make_multi_index`, q the ``noise`` and T the
    ``temperature``; for T = 0 the label is 1 where g > 0, flipped with probability q.

    Parameters
    ----------
    n_samples : int, default=100
        Number of samples.
    n_features : int, default=10
        Number of features, the dimension d.
    n_directions : int, default=2
        The dimension r of the subspace, at most ``n_features``.
    link : str or callable, default="sign_product"
        The function g: "sign_product", the exclusive or for two directions; "majority",
        the sum of the signs of z; "polynomial", "product" and "relus" as in
        :func:`make_multi_index`; or a callable from an array of shape (n_samples,
        n_directions) to (n_samples,).
    degree : int, default=3
        Total degree of "polynomial".
    directions : array-like of shape (n_directions, n_features) or None, default=None
        Directions, as rows, that span the subspace; the nearest orthonormal rows
        replace them. None draws a uniform frame.
    covariance : array-like of shape (d, d) or (d,), or None, default=None
        Covariance of the inputs, as in :func:`make_multi_index`.
    noise : float, default=0.0
        The probability q that a label is flipped, in [0, 0.5).
    temperature : float, default=0.0
        The scale T, in units of g.
    return_truth : bool, default=False
        Whether to return what was planted.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Inputs.
    y : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    truth : MultiIndexLabelTruth
        Only if ``return_truth``. ``truth(X)`` is the likelier label,
        ``truth.predict_proba(X)`` are the probabilities, ``truth.bayes_accuracy`` and
        ``truth.bayes_log_loss`` the best of any classifier;
        ``truth.sample(n_samples, random_state)`` draws fresh data; ``truth.directions``
        with orthonormal rows, ``truth.link``, ``truth.noise``, ``truth.temperature``.

    Raises
    ------
    ValueError
        As :func:`make_multi_index` does.

    See Also
    --------
    make_multi_index : The same with numbers.
    make_ball_indicator : Labels of a ball.

    Notes
    -----
    The exclusive or has no linear trend, and no feature on its own tells anything of
    it: trees that split by one feature at a time, and first steps along the mean of a
    class, begin blind.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_multi_index_labels
    >>> X, y, truth = make_multi_index_labels(
    ...     1000, 30, noise=0.1, return_truth=True, random_state=0)
    >>> round(float((y == truth(X)).mean()), 1), round(truth.bayes_accuracy, 2)
    (0.9, 0.9)
    >>> round(truth.bayes_log_loss, 3)
    0.325
    >>> X, y, truth = make_multi_index_labels(
    ...     n_directions=3, link="majority", temperature=1.0, return_truth=True)
    >>> round(truth.bayes_accuracy, 2)
    0.79
    """
    if isinstance(link, str):
        link = LABEL_LINKS.get(link, link)
    rng = check_generator(random_state)
    directions, link, inputs = plant_multi_index(
        n_samples, n_features, n_directions, link, degree, directions, covariance, rng
    )
    truth = MultiIndexLabelTruth(
        directions, link, float(noise), inputs, float(temperature)
    )
    return draw_data(truth, n_samples, rng, return_truth)
