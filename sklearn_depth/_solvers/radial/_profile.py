"""Splines of the distance from a centre, and how their error moves with the centre."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.interpolate import BSpline

from sklearn_depth._math._quantiles import weighted_quantile
from sklearn_depth._math._samples import Array, Samples
from sklearn_depth._math._tolerances import TINY
from sklearn_depth.utils._memory import row_blocks

_RIDGE = 1e-10  # of the mean eigenvalue: distances may be too few for the spline


@dataclass(frozen=True)
class Offsets:
    """Samples whose inputs are read from ``origin``, in lengths of ``unit``.

    Their targets are scaled. X itself is not copied.
    """

    samples: Samples
    origin: Array
    unit: float

    def __getitem__(self, rows: NDArray) -> "Offsets":
        return replace(self, samples=self.samples[rows])

    def blocks(self, center: Array) -> Iterator[tuple[slice, Array, Array]]:
        """Rows, their inputs less ``center``, and the norms of these."""
        X = self.samples.X
        for rows in row_blocks(*X.shape):
            away = np.subtract(X[rows], self.origin, dtype=np.float64)
            away = away / self.unit - center
            yield rows, away, np.linalg.norm(away, axis=1)

    def distances(self, center: Array) -> Array:
        """Distance of every sample from ``center``."""
        found = np.empty(len(self.samples))
        for rows, _, distance in self.blocks(center):
            found[rows] = distance
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
        """Values of the B-splines, (n_samples, n_splines)."""
        return _basis(self.spline.t, self.clip(distance))

    def predict(self, distance: Array) -> Array:
        """Values of the spline, (n_samples, n_targets)."""
        return np.asarray(self.spline(self.clip(distance)))


def fit_profile(offsets: Offsets, center: Array, n_knots: int) -> Profile:
    """The spline with knots at quantiles of the distances."""
    distance = offsets.distances(center)
    shares = np.linspace(0, 1, n_knots)[1:-1]
    inner = weighted_quantile(distance, shares, offsets.samples.weight)
    knots = np.unique([distance.min(), *inner, distance.max()])
    return fit_spline(offsets.samples, center, distance, knots)


def fit_spline(
    samples: Samples, center: Array, distance: Array, knots: Array
) -> Profile:
    """The spline with these knots, from the first distance to the last."""
    if len(knots) == 1:
        knots = np.append(knots, knots + 1)
    knots = np.pad(knots, 3, mode="edge")
    n_splines = len(knots) - 4
    gram = np.zeros((n_splines, n_splines))
    cross = np.zeros((n_splines, samples.n_targets))
    error = 0.0
    for rows in row_blocks(len(distance), n_splines):
        basis, targets = _basis(knots, distance[rows]), samples.targets[rows]
        weighted = basis * samples.weight[rows, None]
        gram += weighted.T @ basis
        cross += weighted.T @ targets
        error += samples.weight[rows] @ (targets**2).sum(axis=1)
    gram.flat[:: n_splines + 1] += _RIDGE * np.trace(gram) / n_splines
    factor = linalg.cho_factor(gram)
    coef = linalg.cho_solve(factor, cross)
    error -= float((coef * cross).sum())
    return Profile(center, BSpline(knots, coef, 3), factor, error)


def _basis(knots: Array, distance: Array) -> Array:
    return BSpline.design_matrix(distance, knots, 3).toarray()


def normal_equations(offsets: Offsets, profile: Profile) -> tuple[Array, Array]:
    """J'J and J'(residuals) for the part J of the slopes by c that no spline fits.

    J'(residuals) is minus half the derivative of the error by c at fixed knots.
    """
    samples = offsets.samples
    spline, slope_of = profile.spline, profile.spline.derivative()
    n_features = samples.n_features
    normal, gradient = np.zeros((n_features, n_features)), np.zeros(n_features)
    fitted = np.zeros((*spline.c.shape, n_features))
    for rows, away, distance in offsets.blocks(profile.center):
        away /= np.maximum(distance, TINY)[:, None]
        slope, weight = slope_of(profile.clip(distance)), samples.weight[rows]
        residual = samples.targets[rows] - profile.predict(distance)
        normal += away.T @ (away * (weight * (slope**2).sum(axis=1))[:, None])
        gradient -= (weight * (slope * residual).sum(axis=1)) @ away
        weighted = profile.basis(distance) * weight[:, None]
        for target, slopes in enumerate(slope.T):
            fitted[:, target] += weighted.T @ (away * slopes[:, None])
    normal.flat[:: n_features + 1] += _RIDGE * np.trace(normal) / n_features
    for part in fitted.swapaxes(0, 1):
        normal -= part.T @ linalg.cho_solve(profile.factor, part)
    return normal, gradient
