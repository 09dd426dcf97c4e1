"""Layers of polynomials of a few directions, with a prior variance for each degree.

Along orthonormal directions V, whitened there to u, a head on polynomials of u and a
Gauss-Newton step of V take turns. Samples have inputs z as X and targets of variance 1.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._folds import folds_along
from sklearn_depth._math._quantiles import weighted_quantile
from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import DEGENERATE
from sklearn_depth._solvers.ridge._evidence_primal import GroupSums, left_out_errors
from sklearn_depth._solvers.ridge._moments import RidgeHead, RidgeMoments
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._head_answer import what_is_left
from sklearn_depth._solvers.two_layer._layers import (
    Layer,
    charged_size,
    search_size,
)
from sklearn_depth._solvers.two_layer._smooth_design import design_of, n_products
from sklearn_depth._solvers.two_layer._smooth_units import SmoothUnits
from sklearn_depth._solvers.two_layer._subspace import evaluate_head, turn_subspace
from sklearn_depth.utils._memory import row_blocks

# The highest degree at ranks from 1 on, and at larger ones.
_DEGREES, _LAST_DEGREE = (7, 6, 5, 4, 4), 3
# For each product of Hermite polynomials at least, and how many there are at most.
_ROWS_PER_PRODUCT, _MOST_PRODUCTS = 3, 300
_MOST_ROUNDS = 5
# Of features that are kept for steps which foresee the head's answer: 128 MiB. Of more
# samples the head is known so well that a step may hold it fast.
_MOST_NUMBERS = 2**24
# An error that keeps more than this share of the last one has stopped to fall.
_STILL_FALLING = 0.99
# Errors so many times those of other layers do not come down to them.
_HOPELESS = 2.0
# With more parameters of V for each sample, turns can fit samples in directions that
# are wrong: errors are then those on so many folds, left out of the turns, at least.
_FEW_SAMPLES, _N_FOLDS = 0.08, 4
# Near bounds leave two samples beyond them on each side, as one alone would say how
# steep the tangent is, and a share of all samples between these.
_N_OUTER, _OUTER = 2, (0.005, 0.25)
# Wide ones are this much further from the median than the last sample is, as nothing is
# known of powers further out, and than a share of 0.05 of the samples is: 4.3 standard
# deviations of a normal law.
_BEYOND_LAST, _SOME, _BEYOND_SOME = 1.1, 0.05, 2.6


@dataclass(frozen=True, eq=False)
class _Fit:
    """A layer on V'z with its head.

    subspace : (n_features, rank), V.
    samples : with V'z as their X.
    wide : whether its bounds are.
    """

    layer: Layer
    subspace: Array
    samples: Samples
    wide: bool

    @property
    def error(self) -> float:
        return self.layer.mean_error(len(self.samples))

    @property
    def head(self) -> RidgeHead:
        assert self.layer.head is not None
        return self.layer.head

    def at_least(self, error: Array) -> "_Fit":
        """With errors, after the charge, that are no less than these."""
        return replace(self, layer=self.layer.at_least(error, len(self.samples)))

    def turned(self, samples: Samples) -> Array:
        """V after a step of Gauss and Newton."""
        outputs, gradients = evaluate_head(self.layer, self.samples, self.head)
        if len(samples) * self.layer.n_columns > _MOST_NUMBERS:
            left = samples.targets - outputs
            return turn_subspace(samples, self.subspace, gradients, left)
        leave = what_is_left(self.layer, self.samples)
        return turn_subspace(samples, self.subspace, gradients, samples.targets, leave)

    def on_inputs(self) -> Layer:
        """The layer on z."""
        assert self.layer.prior is not None
        return replace(
            self.layer,
            weights=self.layer.weights @ self.subspace.T,
            head=replace(self.head, coef=self._of_inputs(self.head.coef)),
            prior=self._of_inputs(self.layer.prior),
        )

    def _of_inputs(self, coef: Array) -> Array:
        """Coefficients of [units, z], for those of [units, V'z]."""
        units, inputs = np.split(coef, [len(self.layer)])
        return np.vstack([units, self.subspace @ inputs])


def smooth_layers(
    samples: Samples, covariance: Array, ranks: list[int], bar: float
) -> Generator[Layer, None, Layer | None]:
    """Yield the best layer of each of the rising ranks; return the best, if any.

    ``covariance`` is of directions that a fit depends on. Ranks end with the first that
    errs more than the one before, where this has come below ``bar``, the error of other
    layers.
    """
    vectors = np.linalg.eigh(covariance)[1][:, ::-1]
    best, least = None, np.inf
    for rank in ranks:
        degree = highest_degree(rank, samples.n_rows)
        if degree < 2:
            break
        start, bar_now = vectors[:, :rank], min(bar, least)
        found = polished(samples, start, degree, bar_now)
        if _may_mislead(found, samples, bar_now):
            found = found.at_least(error_without_folds(samples, start, degree))
        layer = found.on_inputs()
        yield layer
        if least < bar and found.error > least:
            break
        if found.error < least:
            best, least = layer, found.error
    return best


def highest_degree(rank: int, n_rows: int) -> int:
    """The degree at a rank that so many samples bear."""
    degree = _DEGREES[rank - 1] if rank <= len(_DEGREES) else _LAST_DEGREE
    while not bears_products(n_products(rank, degree), n_rows):
        degree -= 1
    return degree


def bears_products(count: int, n_rows: int) -> bool:
    """Whether so many samples bear so many products."""
    return count <= min(n_rows / _ROWS_PER_PRODUCT, _MOST_PRODUCTS)


def _may_mislead(found: _Fit, samples: Samples, bar: float) -> bool:
    """Whether a fit is among the best by an error that its search may have fitted."""
    n_search = search_size(found.subspace.shape[1], samples.n_features)
    few = n_search > _FEW_SAMPLES * len(samples) and len(samples) >= 2 * _N_FOLDS
    return few and found.error < bar


def error_without_folds(samples: Samples, subspace: Array, degree: int) -> Array:
    """Mean squared errors on folds that neither heads nor turns have seen."""
    folds = folds_along(samples.X, _N_FOLDS)
    error = np.zeros(samples.n_targets)
    for fold in range(_N_FOLDS):
        seen, unseen = samples[folds != fold], samples[folds == fold]
        layer = polished(seen, subspace, degree, np.inf).on_inputs()
        assert layer.head is not None
        outputs = layer.features(unseen.X) @ layer.head.coef + layer.head.intercept
        error += unseen.weight.sum() * unseen.squared_error(outputs)
    return error / samples.weight.sum()


def polished(samples: Samples, subspace: Array, degree: int, bar: float) -> _Fit:
    """The best of some rounds of a head and a step of the subspace.

    With the bounds that err less, at the start and again at the end.
    """

    def fit(subspace: Array, wide: bool) -> _Fit:
        return fit_polynomials(samples, subspace, degree, wide=wide)

    last = start = min((fit(subspace, w) for w in (True, False)), key=lambda f: f.error)
    for _ in range(_MOST_ROUNDS):
        if last.error > _HOPELESS * bar:
            break
        new = fit(last.turned(samples), start.wide)
        falls = new.error < _STILL_FALLING * last.error
        last = min(last, new, key=lambda f: f.error)
        if not falls:
            break
    if last is start:
        return start
    return min(last, fit(last.subspace, not start.wide), key=lambda f: f.error)


def fit_polynomials(
    samples: Samples, subspace: Array, degree: int, *, wide: bool
) -> _Fit:
    """Polynomials of V'z up to a degree, whose units are whitened there."""
    design = design_of(subspace.shape[1], degree)
    projected = samples.at(samples.X @ subspace)
    mean, root = _whitening(projected)
    weights = design.directions @ root
    biases = -weights @ mean
    bounds = np.empty((len(weights), 2))
    for units in row_blocks(len(weights), len(samples)):
        before = projected.X @ weights[units].T + biases[units]
        bounds[units] = unit_bounds(before, samples.share, wide=wide)
    smooth = SmoothUnits(np.arange(len(weights)), design.degrees, bounds)
    n_search = charged_size(len(root), len(subspace), len(samples))
    layer = Layer(weights, biases, n_search, smooth=smooth)
    mixing = linalg.block_diag(design.mixing, root)
    labels = np.concatenate([design.degrees - 1, np.zeros(len(root), np.intp)])
    return _Fit(
        with_group_head(layer, mixing, labels, projected), subspace, projected, wide
    )


def _whitening(samples: Samples) -> tuple[Array, Array]:
    """The mean of X, and the inverse root of its covariance."""
    mean = samples.average(samples.X)
    centred = samples.X - mean
    values, vectors = np.linalg.eigh(centred.T @ (samples.share[:, None] * centred))
    values = np.maximum(values, DEGENERATE * values[-1])
    values[values <= 0] = 1
    return mean, (vectors / np.sqrt(values)) @ vectors.T


def unit_bounds(before: Array, share: Array, *, wide: bool) -> Array:
    """(n_units, 2), between which units are polynomials of ``before``."""
    if not wide:
        outer = np.clip(_N_OUTER / len(before), *_OUTER)
        return weighted_quantile(before, [outer, 1 - outer], share).T
    middle, *some = weighted_quantile(before, [0.5, _SOME, 1 - _SOME], share)
    reach = _BEYOND_SOME * (np.array(some) - middle)
    last = _BEYOND_LAST * (np.array([before.min(axis=0), before.max(axis=0)]) - middle)
    return (middle + np.clip(reach, *last)).T


def with_group_head(
    layer: Layer, mixing: Array, labels: NDArray[np.intp], samples: Samples
) -> Layer:
    """With the head of the largest evidence on mixed features, by groups of them.

    Its error is that of leave-one-out. The prior is the mean over targets.
    """

    def transform(Z: NDArray) -> Array:
        return layer.features(Z) @ mixing

    moments = RidgeMoments(len(labels), samples.n_targets)
    sums = GroupSums(moments.update_in_blocks(transform, samples))
    heads, posterior = sums.solve(labels, int(labels.max()) + 1)
    coef = np.stack([head.weights for head in heads], axis=1)
    intercept = sums.intercept(coef)
    error = left_out_errors(transform, samples, coef, intercept, posterior)
    ratios = np.array([head.ratios.max(initial=0) for head in heads])
    alpha = samples.unit / np.where(ratios > 0, ratios, np.inf)
    head = RidgeHead(mixing @ coef, intercept, alpha)
    prior = mixing * np.sqrt(np.mean([head.ratios for head in heads], axis=0))[labels]
    return replace(layer, error=error, head=head, prior=prior)
