"""Frozen random layers of sigmoids."""

from numbers import Real

import numpy as np
from scipy.special import ndtri
from sklearn.base import ClassNamePrefixFeaturesOutMixin

from sklearn_depth._math._activations import HIDDEN_SIGMOIDS
from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.features._map import BlindMap
from sklearn_depth.utils._constraints import POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import (
    Interval,
    StrOptions,
)

_BIAS_SPREAD = 0.75
# Of the directions, while they are drawn.
_COPIES = 3
# Beyond, the mean of a block leaves no digit of float32 to its units, and then none.
_MOST_TIED = 1e6


class SigmoidFeatures(ClassNamePrefixFeaturesOutMixin, BlindMap):
    r"""Random hidden layer of sigmoids, which looks at nothing but the scale of X.

    .. math:: h_j(x) = \sigma\big(\langle u_j, (x - c) / \rho \rangle + b_j\big),
              \qquad j = 1, \dots, m

    Parameters
    ----------
    n_hidden : int, default=1000
        Number of units m.
    activation : {"erf", "logistic", "tanh"}, default="erf"
        The sigmoid. erf(z), tanh(1.13 z) and logistic(2.26 z) nearly agree up to an
        affine map.
    design : {"symmetric", "iid"}, default="symmetric"
        "iid" draws u ~ N(0, hidden_scale^2 I) and b ~ N(0, 1/4), all independent.
        "symmetric" draws blocks, each an orthonormal basis and its negative, of length
        ``hidden_scale * sqrt(n_features)``, that share one bias; biases lie at the
        quantiles of N(0, 9/16). A block's mean is radial up to terms of fourth order
        in ``hidden_scale``. Blocks are ``2 * n_features`` wide, the last one narrower
        where they do not divide m; there are at least two.
    hidden_scale : float, default=0.15
        Standard deviation of :math:`\langle u, x - c\rangle` where
        :math:`\|x - c\| = \rho`.
    radius : "median", float or None, default="median"
        The unit of length rho, in the units of X. "median" is the median distance from
        the medians c of the features, which heavy tails leave in place; samples at c
        are left out. A float is that length. None takes X as it comes: rho = 1, c = 0.
    tie : float, default=100.0
        From 0 to 1e6. Adds ``(sqrt(1 + tie^2) - 1)`` times its block's mean to every
        unit, which makes a ridge penalty on the head charge ``1 / (1 + tie^2)`` for
        moving a block's weights together. The span of the features stays the same,
        their range does not: tied units reach far beyond 1. 0 gives plain units; "iid"
        designs are never tied.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the draw.

    Attributes
    ----------
    hidden_coef_ : ndarray of shape (n_hidden, n_features)
        Directions u_j / rho.
    hidden_intercept_ : ndarray of shape (n_hidden,)
        Biases b_j, less the image of the centre.
    center_ : ndarray of shape (n_features,)
        The centre c.
    radius_ : float
        The unit of length rho.
    block_starts_ : ndarray of shape (n_blocks,)
        First unit of each block that is tied; empty where none is.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.FixedHiddenSigmoidRegressor : This layer with a trained sigmoid head.
    sklearn.kernel_approximation.RBFSampler : Random cosines.

    Notes
    -----
    Assumption 7 of [1]_ is ``design="iid", hidden_scale=0.5, radius=None``.

    References
    ----------
    .. [1] Itay Safran and Jason D. Lee (2022). Optimization-Based Separations for
       Neural Networks. arXiv:2112.02393.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.features import SigmoidFeatures
    >>> X = np.random.default_rng(0).standard_normal((100, 5))
    >>> SigmoidFeatures(n_hidden=40, random_state=0).fit_transform(X).shape
    (100, 40)
    """

    _parameter_constraints: dict = {
        "n_hidden": [POSITIVE_INTEGER],
        "activation": [StrOptions(set(HIDDEN_SIGMOIDS))],
        "design": [StrOptions({"symmetric", "iid"})],
        "hidden_scale": [POSITIVE],
        "radius": [StrOptions({"median"}), POSITIVE, None],
        "tie": [Interval(Real, 0, _MOST_TIED, closed="both")],
        "random_state": RANDOM_STATE,
    }

    def __init__(
        self,
        n_hidden=1000,
        *,
        activation="erf",
        design="symmetric",
        hidden_scale=0.15,
        radius="median",
        tie=100.0,
        random_state=None,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.design = design
        self.hidden_scale = hidden_scale
        self.radius = radius
        self.tie = tie
        self.random_state = random_state

    def _measured(self, samples):
        check_numbers(
            _COPIES * self.n_hidden * samples.n_features,
            what=f"n_hidden={self.n_hidden:,} on {samples.n_features:,} features",
            way_out="Lower n_hidden.",
        )
        center, radius = self._center_and_radius(samples)
        draw = _iid_layer if self.design == "iid" else _symmetric_layer
        directions, biases, starts = draw(
            self.n_hidden, samples.n_features, check_generator(self.random_state)
        )
        directions *= self.hidden_scale / radius
        biases -= directions @ center
        dtype = samples.X.dtype
        return {
            "center_": center,
            "radius_": radius,
            "block_starts_": starts if self.tie > 0 else starts[:0],
            "hidden_coef_": directions.astype(dtype, copy=False),
            "hidden_intercept_": biases.astype(dtype, copy=False),
        }

    def _center_and_radius(self, samples):
        if self.radius is None:
            return np.zeros(samples.n_features), 1.0
        center = _median(samples, samples.X).astype(np.float64)
        if self.radius != "median":
            return center, float(self.radius)
        norms = np.linalg.norm(samples.X - center, axis=1)
        apart = norms > 0
        if not apart.any():
            return center, 1.0
        return center, float(_median(samples[apart], norms[apart]))

    def _map(self, X):
        """``transform`` of validated X."""
        hidden = X @ self.hidden_coef_.T.astype(X.dtype, copy=False)
        hidden += self.hidden_intercept_.astype(X.dtype, copy=False)
        HIDDEN_SIGMOIDS[self.activation](hidden, out=hidden)
        gain = np.sqrt(1 + self.tie**2) - 1
        stops = np.append(self.block_starts_[1:], len(self.hidden_coef_))
        for start, stop in zip(self.block_starts_, stops, strict=False):
            block = hidden[:, start:stop]
            block += gain * block.mean(axis=1, keepdims=True)
        return hidden

    @property
    def _n_features_out(self):
        return len(self.hidden_coef_)


def _median(samples, values):
    """The median over samples, of one value each or of several."""
    return weighted_median(values, samples.weight if samples.is_weighted else None)


def _iid_layer(n_hidden, n_features, rng):
    directions = rng.standard_normal((n_hidden, n_features))
    return directions, 0.5 * rng.standard_normal(n_hidden), np.empty(0, dtype=np.intp)


def _symmetric_layer(n_hidden, n_features, rng):
    """Blocks of an orthonormal basis and its negative that share one bias."""
    width = min(2 * n_features, -(-n_hidden // 2))
    starts = np.arange(0, n_hidden, width)
    sizes = np.diff(starts, append=n_hidden)
    frames = [_antipodal_frame(size, n_features, rng) for size in sizes]
    levels = _BIAS_SPREAD * ndtri((np.arange(len(starts)) + 0.5) / len(starts))
    directions = np.sqrt(n_features) * np.concatenate(frames)
    return directions, np.repeat(levels, sizes), starts


def _antipodal_frame(size, n_features, rng):
    """The first ``size`` of q_1, -q_1, q_2, -q_2, ... for a random orthonormal q."""
    frame = orthonormal_rows(-(-size // 2), n_features, rng)
    return np.stack([frame, -frame], axis=1).reshape(-1, n_features)[:size]
