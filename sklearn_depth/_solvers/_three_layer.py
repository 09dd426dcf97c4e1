"""The upper layers of three: one learned feature of frozen units, and a link.

The model is y = g(h), with h = units @ coef + offset and g piecewise linear. A start
finds a first h; Gauss-Newton rounds improve h and g in turn. Both are ridge heads.
What does not clearly beat a linear fit gives way to it.
Samples have one target, of variance 1, and units as their X. Those of equal X but other
targets stay apart: a new sample may equal them, and their h has seen their targets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._equal_rows import (
    by_first_row,
    equal_row_labels,
    group_shares,
)
from sklearn_depth._math._quantiles import weighted_quantile
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import FEW_ROWS, SAME
from sklearn_depth._solvers.ridge._leverages import own_part
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._primal import solve_ridge, spectrum_of
from sklearn_depth._solvers.ridge._spectrum import Array

# Samples where the link is flatter, in root mean square slopes, do not see h move.
_FLAT = 1e-3
# Rounds for each start, before the best one goes on alone.
_TRIAL_ROUNDS = 2
_ENOUGH = 0.01  # relative decrease of the error that is worth another round
# Standard errors by which a learned feature has to beat a linear one: a single sample,
# all the gain being its own, makes one.
_CLEAR = 2.0


@dataclass(frozen=True)
class Link:
    """``g(h) = intercept + coef_0 h + sum_k coef_k (h - knot_k)_+``."""

    knots: Array
    coef: Array
    intercept: float
    alpha: float

    @property
    def is_straight(self) -> bool:
        """Whether there is no hinge in it."""
        return not self.coef[1:].any()

    def value(self, h: Array) -> Array:
        """g at each h."""
        return hinges(h[:, None], self.knots[None]) @ self.coef + self.intercept

    def slope(self, h: Array) -> Array:
        """g' at each h, from the left at a knot, where samples lie up to rounding."""
        return self.coef[0] + (h[:, None] > self.knots + SAME) @ self.coef[1:]


def _nothing() -> float:
    return 0.0


@dataclass(frozen=True)
class Feature:
    """The learned feature, its link, and the estimated mean squared test error.

    own : called where it is wanted, what each training target adds to its sample's h.
    """

    coef: Array
    offset: float
    link: Link
    error: float
    own: Callable[[], Array | float] = _nothing

    def values(self, units: Array) -> Array:
        """h of samples of units."""
        return units @ self.coef + self.offset


@dataclass(frozen=True)
class Search:
    """How to look for a feature.

    starts : names of starts to try.
    n_rounds : most Gauss-Newton rounds.
    n_knots : of the link.
    alpha : the penalty of the link, or a word.
    report : told of each feature on the way; a true answer ends the search.
    n_inputs : how many units, the first ones, are the scaled features, if a linear fit
        to them may take the place of what is found; else 0.
    """

    starts: tuple[str, ...]
    n_rounds: int
    n_knots: int
    alpha: float | str
    report: Callable[[Feature], bool]
    n_inputs: int


def hinges(h: NDArray, knots: NDArray) -> NDArray:
    """Each column of h and its (h - t)_+, side by side.

    h : (n_samples, n_learned). knots : (n_learned, n_knots).
    """
    ramps = np.maximum(h[:, :, None] - knots, 0)
    return np.concatenate([h[:, :, None], ramps], axis=2).reshape(len(h), -1)


def constant_feature(n_units: int, n_knots: int) -> Feature:
    """h = 0 and g = 0."""
    link = Link(np.zeros(n_knots), np.zeros(n_knots + 1), 0.0, 0.0)
    return Feature(np.zeros(n_units), 0.0, link, np.inf)


def learn_feature(samples: Samples, search: Search) -> tuple[str, Feature, list[float]]:
    """The best feature by estimated error, its start, and the errors on the way to it.

    Every start gets a few rounds, then the best one goes on while it gains. The start
    is "linear" where a linear fit does as well.
    """
    trials = {}
    for start in search.starts:
        features = [_STARTS[start](samples, search)]
        trials[start] = features
        done = search.report(features[0])
        for _ in range(min(_TRIAL_ROUNDS, search.n_rounds)):
            done = done or _add_round(samples, search, features)
        if done:
            break
    start = min(trials, key=lambda name: min(f.error for f in trials[name]))
    features = trials[start]
    while not done and len(features) <= search.n_rounds:
        before = min(f.error for f in features)
        stop = _add_round(samples, search, features)
        done = stop or features[-1].error >= (1 - _ENOUGH) * before
    best = int(np.argmin([feature.error for feature in features]))
    if search.n_inputs:
        linear = _by_columns(samples, search)
        if not _beats(features[best], linear, samples):
            return "linear", linear, [linear.error]
    return start, features[best], [feature.error for feature in features[: best + 1]]


def _add_round(samples: Samples, search: Search, features: list[Feature]) -> bool:
    """One Gauss-Newton round, unless the link is flat; whether the report says stop.

    With r = y - g(h), the step of the coefficients is the ridge regression of
    h + r / g'(h) on the units, samples weighted by g'(h)^2; then g is fitted anew.
    """
    if _steep(samples, features[-1]).sum() < 2:
        return False
    features.append(_feature_of(samples, search, features[-1]))
    return search.report(features[-1])


def _steep(samples: Samples, feature: Feature) -> NDArray[np.bool_]:
    """The samples that see h move."""
    slope = feature.link.slope(feature.values(samples.X))
    level = np.sqrt(samples.average(slope**2))
    return np.abs(slope) > max(_FLAT * level, SAME)


def _moved(samples: Samples, feature: Feature) -> Samples:
    """The samples that see h move, with where it is to move for their targets."""
    samples = samples[_steep(samples, feature)]
    h = feature.values(samples.X)
    slope = feature.link.slope(h)
    residual = samples.targets[:, 0] - feature.link.value(h)
    return samples.weighted(slope**2).to((h + residual / slope)[:, None])


def _beats(feature: Feature, other: Feature, samples: Samples) -> bool:
    """Whether the error is smaller by more than few samples may account for."""
    gain = _squares(other, samples) - _squares(feature, samples)
    deviation = np.sqrt(samples.share**2 @ (gain - samples.share @ gain) ** 2)
    return bool(other.error - feature.error > _CLEAR * deviation)


def _squares(feature: Feature, samples: Samples) -> Array:
    fitted = feature.link.value(feature.values(samples.X))
    return (samples.targets[:, 0] - fitted) ** 2


def _by_columns(samples: Samples, search: Search) -> Feature:
    """A linear fit to the scaled inputs: a feature whose link is straight."""
    columns = samples.at(samples.X[:, : search.n_inputs])
    head = _ridge(columns, "auto")
    coef = np.zeros(samples.n_features)
    coef[: search.n_inputs] = head.coef[:, 0]
    h = samples.X @ coef
    mean, scale = _moments(h, samples)
    knots = _knots((h - mean) / scale, samples.weight, search.n_knots)
    slopes = np.append(scale, np.zeros(search.n_knots))
    link = Link(knots, slopes, float(head.intercept[0]) + mean, 0.0)
    error = _test_error(head, _loss(samples, h + head.intercept[0]))
    own = partial(_own_of_ridge, columns, None, head, scale)
    return Feature(coef / scale, -mean / scale, link, error, own)


def _by_ridge(samples: Samples, search: Search) -> Feature:
    """The second layer trained to convergence under a linear link."""
    return _feature_of(samples, search)


def _by_gradient(samples: Samples, search: Search) -> Feature:
    """One gradient step from zero: h is the kernel mean of the centred target.

    Each training sample is left out of its own h, which would else follow its noise.
    Samples of equal X have one h, the mean of theirs, which would else fall with their
    noise.
    """
    centred = samples.X - samples.share @ samples.X
    pull = samples.share * (samples.targets - samples.mean)[:, 0]
    own = _of_equal_rows(samples, pull * np.einsum("ij,ij->i", centred, centred))
    coef = centred.T @ pull
    return _linked(samples, search, coef, samples.X @ coef - own, own=lambda: own)


def _of_equal_rows(samples: Samples, values: Array) -> Array:
    """The mean of the values of samples of equal X."""
    _, labels = by_first_row(equal_row_labels(samples.X))
    return (group_shares(labels, samples.weight) @ values)[labels]


def _by_spectrum(samples: Samples, search: Search) -> Feature:
    """The direction e of whitened units u that makes |E (y - E y) <e, u>^2| largest.

    Units that are all constant have none.
    """
    target = (samples.targets - samples.mean)[:, 0]
    _, spectrum, vectors = spectrum_of(samples, True, False)
    basis = vectors / np.sqrt(spectrum.eigenvalues)
    whitened = (samples.X - samples.share @ samples.X) @ basis
    values, directions = np.linalg.eigh(
        (whitened * (samples.share * target)[:, None]).T @ whitened
    )
    best = np.argsort(np.abs(values))[-1:]
    coef = basis @ directions[:, best].sum(axis=1)
    # As many parameters are fitted as there are directions to choose from.
    factor = (1 - len(values) / len(samples)) ** -2
    return _linked(samples, search, coef, samples.X @ coef, factor=factor)


_STARTS = {"gradient": _by_gradient, "ridge": _by_ridge, "spectral": _by_spectrum}


def _feature_of(
    samples: Samples, search: Search, before: Feature | None = None
) -> Feature:
    """The feature that a ridge head on the units gives, with its link.

    The head is fitted to the targets, or to where the feature before is to move.
    """
    fitted = samples if before is None else _moved(samples, before)
    head = _ridge(fitted, "auto")
    coef = head.coef[:, 0]
    loss = _loss(fitted, fitted.X @ coef + head.intercept[0])
    excess = _test_error(head, loss) - loss
    own = partial(_own_of_ridge, samples, before, head)
    return _linked(samples, search, coef, samples.X @ coef, excess=excess, own=own)


def _own_of_ridge(
    samples: Samples, before: Feature | None, head: RidgeHead, scale: float = 1.0
) -> Array:
    """What the samples' targets add to their own h, over the scale of h."""
    if before is None:
        own = own_part(samples, head)
    else:
        own = np.zeros(len(samples))
        own[_steep(samples, before)] = own_part(_moved(samples, before), head)
    return _of_equal_rows(samples, own) / scale


def _linked(
    samples: Samples,
    search: Search,
    coef: Array,
    h: Array,
    *,
    excess: float = 0.0,
    factor: float = 1.0,
    own: Callable[[], Array | float] = _nothing,
) -> Feature:
    """Bring h to mean 0 and variance 1, and fit its link.

    h : on the training samples; it may differ from ``units @ coef``.
    excess : by how much h errs more in mean square than it does on these samples.
    factor : on the error of the link, instead.
    own : what the samples' targets add to their own values of ``units @ coef``.
    """
    mean, scale = _moments(h, samples)
    h = (h - mean) / scale
    link, error = _fit_link(h, samples, search)
    slope = float(samples.average((link.slope(h) / scale) ** 2))
    error = factor * error + excess * slope
    # A new sample that is equal to one of these has the h of the whole fit, for which
    # this link may be wrong.
    made = Feature(coef / scale, -mean / scale, link, error, lambda: own() / scale)
    loss = _loss(samples, link.value(made.values(samples.X)))
    return replace(made, error=max(error, loss))


def _moments(h: Array, samples: Samples) -> tuple[float, float]:
    """Mean and standard deviation, or 1 where that is 0."""
    mean = float(samples.average(h))
    return mean, float(np.sqrt(samples.average((h - mean) ** 2))) or 1.0


def _fit_link(h: Array, samples: Samples, search: Search) -> tuple[Link, float]:
    """A ridge head on hinges of h, and its estimated error."""
    knots = _knots(h, samples.weight, search.n_knots)
    # Of few different h each stands for many samples, and to leave one out is too much.
    few_rows = FEW_ROWS * min((len(np.unique(h)) - 1) / (len(knots) + 1), 1)
    features = hinges(h[:, None], knots[None])
    head = _ridge(samples.at(features), search.alpha, few_rows)
    link = Link(knots, head.coef[:, 0], float(head.intercept[0]), float(head.alpha[0]))
    return link, _test_error(head, _loss(samples, link.value(h)))


def _loss(samples: Samples, fitted: Array) -> float:
    return float(samples.squared_error(fitted[:, None])[0])


def _test_error(head: RidgeHead, loss: float) -> float:
    """The head's own estimate, which samples that are all equal do not give."""
    if head.error is None or not np.isfinite(head.error[0]):
        return loss
    return max(loss, float(head.error[0]))


def _knots(h: Array, weight: Array, n_knots: int) -> Array:
    """Half of them at quantiles, half equidistant: tails bend links most."""
    n_quantiles = n_knots // 2
    n_others = n_knots - n_quantiles
    inner = np.arange(1, n_quantiles + 1) / (n_quantiles + 1)
    quantiles = [weighted_quantile(h, share, weight) for share in inner]
    others = np.linspace(h.min(), h.max(), n_others + 2)[1:-1]
    return np.sort(np.concatenate([quantiles, others]))


def _ridge(
    samples: Samples, alpha: float | str, few_rows: float = FEW_ROWS
) -> RidgeHead:
    return solve_ridge(
        lambda block: block,
        samples,
        alpha,
        n_columns=samples.n_features,
        few_rows=few_rows,
    )
