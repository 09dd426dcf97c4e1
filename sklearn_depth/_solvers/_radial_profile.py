"""Splines of the distance from a centre, and how their error moves with the centre."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.interpolate import BSpline

from sklearn_depth.utils._memory import row_blocks

Array = NDArray[np.float64]

_RIDGE = 1e-10  # of the mean eigenvalue: distances may be too few for the spline


@dataclass(frozen=True)
class Rows:
    """Rows of the data, by number: inputs from ``origin`` in lengths of ``unit``.

    targets : (n_samples, n_targets), with mean 0 and variance 1 over all samples.
    """

    X: NDArray
    targets: Array
    weight: Array
    origin: Array
    unit: float
    numbers: NDArray[np.intp]

    def blocks(self, center: Array) -> Iterator[tuple[NDArray[np.intp], Array, Array]]:
        """Numbers, inputs less ``center``, and the norms of these."""
        for block in row_blocks(len(self.numbers), self.X.shape[1]):
            numbers = self.numbers[block]
            away = np.subtract(self.X[numbers], self.origin, dtype=np.float64)
            away = away / self.unit - center
            yield numbers, away, np.linalg.norm(away, axis=1)

    def distances(self, center: Array) -> Array:
        """Distance of every row from ``center``."""
        found = np.empty(len(self.numbers))
        done = 0
        for numbers, _, distance in self.blocks(center):
            found[done : done + len(numbers)] = distance
            done += len(numbers)
        return found


@dataclass(frozen=True)
class Profile:
    """Cubic spline of the distance from ``center``, fitted by weighted least squares.

    factor : Cholesky factor of the Gram matrix of the B-splines.
    error : weighted sum of the squared errors.
    """

    center: Array
    spline: BSpline
    factor: tuple[Array, bool]
    error: float

    @property
    def middle(self) -> float:
        """The median distance, or nearly."""
        return float(self.spline.t[len(self.spline.t) // 2])

    def clip(self, distance: Array) -> Array:
        """The spline is constant beyond its knots."""
        return np.clip(distance, self.spline.t[0], self.spline.t[-1])

    def basis(self, distance: Array) -> Array:
        """Values of the B-splines, (n_rows, n_splines)."""
        return _basis(self.spline.t, self.clip(distance))

    def predict(self, distance: Array) -> Array:
        """Values of the spline, (n_rows, n_targets)."""
        return np.asarray(self.spline(self.clip(distance)))


def fit_profile(rows: Rows, center: Array, n_knots: int) -> Profile:
    """The spline with knots at quantiles of the distances."""
    distance, weight = rows.distances(center), rows.weight[rows.numbers]
    shares = np.linspace(0, 1, n_knots)
    knots = np.quantile(distance, shares, weights=weight, method="inverted_cdf")
    return fit_spline(rows, center, distance, np.unique(knots))


def fit_spline(rows: Rows, center: Array, distance: Array, knots: Array) -> Profile:
    """The spline with these knots, from the first distance to the last."""
    if len(knots) == 1:
        knots = np.append(knots, knots + 1)
    knots = np.pad(knots, 3, mode="edge")
    n_splines, n_targets = len(knots) - 4, rows.targets.shape[1]
    gram, cross = np.zeros((n_splines, n_splines)), np.zeros((n_splines, n_targets))
    error = 0.0
    for block in row_blocks(len(distance), n_splines):
        numbers = rows.numbers[block]
        basis, targets = _basis(knots, distance[block]), rows.targets[numbers]
        weighted = basis * rows.weight[numbers, None]
        gram += weighted.T @ basis
        cross += weighted.T @ targets
        error += rows.weight[numbers] @ (targets**2).sum(axis=1)
    gram.flat[:: n_splines + 1] += _RIDGE * np.trace(gram) / n_splines
    factor = linalg.cho_factor(gram)
    coef = linalg.cho_solve(factor, cross)
    error -= float((coef * cross).sum())
    return Profile(center, BSpline(knots, coef, 3), factor, error)


def _basis(knots: Array, distance: Array) -> Array:
    values: Array = BSpline.design_matrix(distance, knots, 3).toarray()
    return values


def normal_equations(rows: Rows, profile: Profile) -> tuple[Array, Array]:
    """J'J and J'(residuals) for the part J of the slopes by c that no spline fits.

    J'(residuals) is minus half the derivative of the error by c at fixed knots.
    """
    spline, slope_of = profile.spline, profile.spline.derivative()
    n_features = rows.X.shape[1]
    normal, gradient = np.zeros((n_features, n_features)), np.zeros(n_features)
    fitted = np.zeros((*spline.c.shape, n_features))
    for numbers, away, distance in rows.blocks(profile.center):
        away /= np.maximum(distance, np.finfo(float).tiny)[:, None]
        slope, weight = slope_of(profile.clip(distance)), rows.weight[numbers]
        residual = rows.targets[numbers] - profile.predict(distance)
        normal += away.T @ (away * (weight * (slope**2).sum(axis=1))[:, None])
        gradient -= (weight * (slope * residual).sum(axis=1)) @ away
        weighted = profile.basis(distance) * weight[:, None]
        for target, slopes in enumerate(slope.T):
            fitted[:, target] += weighted.T @ (away * slopes[:, None])
    normal.flat[:: n_features + 1] += _RIDGE * np.trace(normal) / n_features
    for part in fitted.swapaxes(0, 1):
        normal -= part.T @ linalg.cho_solve(profile.factor, part)
    return normal, gradient
