"""The upper layers of three: one learned feature of frozen units, and a link.

The model is y = g(h), with h = units @ coef + offset and g piecewise linear. A start
finds a first h; Gauss-Newton rounds improve h and g in turn. Both are ridge heads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._quantiles import weighted_quantile
from sklearn_depth._solvers._ridge import (
    FEW_ROWS,
    RidgeHead,
    solve_ridge,
    spectrum_of,
)
from sklearn_depth._solvers._spectrum import (
    Array,
    effective_samples,
    group_matrix,
    shares,
)

# Rows where the link is flatter, in root mean square slopes, do not see h move.
_FLAT = 1e-3
_ROUNDING = 1e-9  # of h and y, whose variances are 1
# Rounds for each start, before the best one goes on alone.
_TRIAL_ROUNDS = 2
_ENOUGH = 0.01  # relative decrease of the error that is worth another round


@dataclass(frozen=True)
class Rows:
    """Rows of units with one target.

    units : (n_samples, n_units). target : (n_samples,). weight : the same, or None.
    labels : the same where rows of units are.
    """

    units: Array
    target: Array
    weight: Array | None
    labels: NDArray[np.intp]

    def mean(self, values: Array) -> float:
        """Weighted mean over the rows."""
        return float(np.average(values, weights=self.weight))

    def tied(self, values: Array) -> Array:
        """The same bits for equal rows, which a matrix product does not promise.

        Leave-one-out leaves out rows that are equal together.
        """
        first = np.unique(self.labels, return_index=True)[1]
        return values[first][self.labels]


@dataclass(frozen=True)
class Link:
    """``g(h) = intercept + coef_0 h + sum_k coef_k (h - knot_k)_+``."""

    knots: Array
    coef: Array
    intercept: float
    alpha: float

    def value(self, h: Array) -> Array:
        """g at each h."""
        return hinges(h[:, None], self.knots[None]) @ self.coef + self.intercept

    def slope(self, h: Array) -> Array:
        """g' at each h, from the left at a knot, where rows lie up to rounding."""
        return self.coef[0] + (h[:, None] > self.knots + _ROUNDING) @ self.coef[1:]


@dataclass(frozen=True)
class Feature:
    """The learned feature, its link, and the estimated mean squared test error."""

    coef: Array
    offset: float
    link: Link
    error: float

    def values(self, units: Array) -> Array:
        """h of rows of units."""
        return units @ self.coef + self.offset


@dataclass(frozen=True)
class Search:
    """How to look for a feature.

    starts : names of starts to try.
    n_rounds : most Gauss-Newton rounds.
    n_knots : of the link.
    alpha : the penalty of the link, or "gcv".
    report : told of each feature on the way; a true answer ends the search.
    """

    starts: tuple[str, ...]
    n_rounds: int
    n_knots: int
    alpha: float | str
    report: Callable[[Feature], bool]


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


def learn_feature(rows: Rows, search: Search) -> tuple[str, Feature, list[float]]:
    """The best feature by estimated error, its start, and the errors on the way to it.

    Every start gets a few rounds, then the best one goes on while it gains.
    """
    trials = {}
    for start in search.starts:
        features = [_STARTS[start](rows, search)]
        trials[start] = features
        done = search.report(features[0])
        for _ in range(min(_TRIAL_ROUNDS, search.n_rounds)):
            done = done or _add_round(rows, search, features)
        if done:
            break
    start = min(trials, key=lambda name: min(f.error for f in trials[name]))
    features = trials[start]
    while not done and len(features) <= search.n_rounds:
        before = min(f.error for f in features)
        stop = _add_round(rows, search, features)
        done = stop or features[-1].error >= (1 - _ENOUGH) * before
    best = int(np.argmin([feature.error for feature in features]))
    return start, features[best], [feature.error for feature in features[: best + 1]]


def _add_round(rows: Rows, search: Search, features: list[Feature]) -> bool:
    """One Gauss-Newton round, unless the link is flat; whether the report says stop.

    With r = y - g(h), the step of the coefficients is the ridge regression of
    h + r / g'(h) on the units, rows weighted by g'(h)^2; then g is fitted anew.
    """
    h = rows.tied(features[-1].values(rows.units))
    slope = features[-1].link.slope(h)
    level = rows.mean(slope**2)
    steep = np.abs(slope) > max(_FLAT * np.sqrt(level), _ROUNDING)
    if steep.sum() < 2:
        return False
    residual = rows.target - features[-1].link.value(h)
    n_samples = effective_samples(len(h), rows.weight)
    weight = n_samples * shares(len(h), rows.weight) * slope**2 / level
    moved = Rows(
        rows.units[steep],
        h[steep] + residual[steep] / slope[steep],
        weight[steep],
        rows.labels[steep],
    )
    features.append(_feature_of(rows, moved, search))
    return search.report(features[-1])


def _by_ridge(rows: Rows, search: Search) -> Feature:
    """The second layer trained to convergence under a linear link."""
    return _feature_of(rows, rows, search)


def _by_gradient(rows: Rows, search: Search) -> Feature:
    """One gradient step from zero: h is the kernel mean of the centred target.

    Each training row is left out of its own h, which would else follow its noise. Of
    equal rows only one is, since a new row that is equal to them finds them all.
    """
    share = shares(len(rows.target), rows.weight)
    centred = rows.units - share @ rows.units
    pull = share * (rows.target - share @ rows.target)
    groups = group_matrix(rows.labels)
    together = groups @ share
    one = np.minimum(together, 1 / effective_samples(len(share), rows.weight))
    own = groups.T @ (one / together * (groups @ pull))
    own *= np.einsum("ij,ij->i", centred, centred)
    coef = centred.T @ pull
    return _linked(rows, search, coef, rows.units @ coef - own)


def _by_spectrum(rows: Rows, search: Search) -> Feature:
    """The direction e of whitened units u that makes |E (y - E y) <e, u>^2| largest.

    Units that are all constant have none.
    """
    n_samples = effective_samples(len(rows.target), rows.weight)
    share = shares(len(rows.target), rows.weight)
    target = rows.target - share @ rows.target
    _, spectrum, vectors = spectrum_of(
        rows.units, target[:, None], rows.weight, None, True
    )
    basis = vectors / np.sqrt(spectrum.eigenvalues)
    whitened = (rows.units - share @ rows.units) @ basis
    values, directions = np.linalg.eigh(
        (whitened * (share * target)[:, None]).T @ whitened
    )
    best = np.argsort(np.abs(values))[-1:]
    coef = basis @ directions[:, best].sum(axis=1)
    # As many parameters are fitted as there are directions to choose from.
    factor = (1 - len(values) / n_samples) ** -2
    return _linked(rows, search, coef, rows.units @ coef, factor=factor)


_STARTS = {"gradient": _by_gradient, "ridge": _by_ridge, "spectral": _by_spectrum}


def _feature_of(rows: Rows, fitted: Rows, search: Search) -> Feature:
    """The feature that a ridge head on the units gives, with its link."""
    head = _ridge(fitted.units, fitted, "gcv")
    coef = head.coef[:, 0]
    residual = fitted.target - fitted.units @ coef - head.intercept[0]
    loss = fitted.mean(residual**2)
    excess = _test_error(head, fitted, loss) - loss
    return _linked(rows, search, coef, rows.units @ coef, excess=excess)


def _linked(
    rows: Rows,
    search: Search,
    coef: Array,
    h: Array,
    *,
    excess: float = 0.0,
    factor: float = 1.0,
) -> Feature:
    """Bring h to mean 0 and variance 1, and fit its link.

    h : on the training rows; it may differ from ``units @ coef``.
    excess : by how much h errs more in mean square than it does on these rows.
    factor : on the error of the link, instead.
    """
    h = rows.tied(h)
    mean = rows.mean(h)
    scale = np.sqrt(rows.mean((h - mean) ** 2)) or 1.0
    h = (h - mean) / scale
    link, error = _fit_link(h, rows, search)
    error = factor * error + excess * rows.mean((link.slope(h) / scale) ** 2)
    # Where rows repeat, a new one has the h of the whole fit, for which this link may
    # be wrong.
    made = Feature(coef / scale, -mean / scale, link, error)
    loss = rows.mean((rows.target - link.value(made.values(rows.units))) ** 2)
    return replace(made, error=max(error, loss))


def _fit_link(h: Array, rows: Rows, search: Search) -> tuple[Link, float]:
    """A ridge head on hinges of h, and its estimated error."""
    knots = _knots(h, rows.weight, search.n_knots)
    # Of few different h each stands for many rows, and to leave one out is too much.
    few_rows = FEW_ROWS * min((len(np.unique(h)) - 1) / (len(knots) + 1), 1)
    features = hinges(h[:, None], knots[None])
    head = _ridge(features, rows, search.alpha, few_rows)
    link = Link(knots, head.coef[:, 0], float(head.intercept[0]), float(head.alpha[0]))
    loss = rows.mean((rows.target - link.value(h)) ** 2)
    return link, _test_error(head, rows, loss)


def _test_error(head: RidgeHead, rows: Rows, loss: float) -> float:
    """The head's own estimate, which rows that are all equal do not give."""
    if head.score is None or not np.isfinite(head.score[0]):
        return loss
    score = float(head.score[0])
    if rows.weight is not None:  # it is a sum over how many rows there are
        n_samples = effective_samples(len(rows.target), rows.weight)
        score *= n_samples / rows.weight.sum()
    return max(loss, score)


def _knots(h: Array, weight: Array | None, n_knots: int) -> Array:
    """Half of them at quantiles, half equidistant: tails bend links most."""
    n_quantiles = n_knots // 2
    n_others = n_knots - n_quantiles
    inner = np.arange(1, n_quantiles + 1) / (n_quantiles + 1)
    quantiles = [weighted_quantile(h, share, weight) for share in inner]
    others = np.linspace(h.min(), h.max(), n_others + 2)[1:-1]
    return np.sort(np.concatenate([quantiles, others]))


def _ridge(
    features: Array, rows: Rows, alpha: float | str, few_rows: float = FEW_ROWS
) -> RidgeHead:
    return solve_ridge(
        lambda block: block,
        features,
        rows.target[:, None],
        rows.weight,
        alpha,
        n_columns=features.shape[1],
        few_rows=few_rows,
    )
