"""The centre of a radial target, which need not be that of the data."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._solvers._radial_profile import (
    Array,
    Profile,
    Rows,
    fit_profile,
    normal_equations,
)

# Knots of the splines, from coarse to fine.
_KNOTS = 6, 12, 25
# Where the line is searched, in median distances from the start.
_PLACES = np.linspace(-3, 3, 25)
_MOST_STARTS = 3
# The search sees so many rows, less repeated ones, and one in four judges it.
_MOST_ROWS = 20_000
_FOLDS = 4
_MOST_STEPS, _MOST_HALVINGS = 15, 8
_ENOUGH = 1e-4  # relative decrease of the error that is worth another step
_ROUNDING = 1e-14  # of the mean: what less varies is constant
_DAMPING = 1e-3  # of the mean eigenvalue: splines may fit what some steps change


def learn_center(
    X: NDArray, targets: NDArray, sample_weight: Array | None, start: NDArray
) -> Array:
    r"""The c that makes the targets functions of \|x - c\|, up to noise.

    Variable projection (Kaufman 1975): the least-squares spline of the distance from c
    leaves an error that depends on c alone, and Gauss-Newton steps lower it. Its basin
    is narrow, so they begin at the best places of a line through ``start``.

    c is learned on some rows and must lower the error on others by more than a standard
    error; otherwise ``start`` is returned. Then all rows improve it. A weight counts as
    that many repeated rows, and at least as one on average. Targets count alike, in
    units of their deviation.
    """
    rows = _in_units(X, targets, sample_weight, np.asarray(start, np.float64))
    fitted, judges = _split(rows)
    origin = np.zeros(X.shape[1])
    at_start = [fit_profile(fitted, origin, n_knots) for n_knots in _KNOTS]
    found: list[Profile] = []
    for center in _best_on_line(fitted, at_start[1]):
        for n_knots in _KNOTS:
            found.append(_refine(fitted, center, n_knots))
            center = found[-1].center
    best, errors = _best_for(judges, found)
    gain = _best_for(judges, at_start)[1] - errors
    weight = judges.weight[judges.numbers]
    if not weight @ gain > np.sqrt(weight @ gain**2):
        return rows.origin.copy()
    center = _refine(rows, found[best].center, _KNOTS[best % len(_KNOTS)]).center
    return rows.origin + rows.unit * center


def _in_units(
    X: NDArray, targets: NDArray, sample_weight: Array | None, start: Array
) -> Rows:
    """All rows; the unit is the median distance from the start."""
    weight = np.ones(len(X)) if sample_weight is None else sample_weight
    weight = weight * max(1, len(X) / weight.sum())
    mean = np.average(targets, axis=0, weights=weight)
    residual = targets - mean
    scale = np.sqrt(np.average(residual**2, axis=0, weights=weight))
    residual /= np.where(scale > _ROUNDING * np.abs(mean), scale, np.inf)
    rows = Rows(X, residual, weight, start, 1.0, np.arange(len(X)))
    distance = rows.distances(np.zeros(X.shape[1]))
    unit = weighted_median(distance[:, None], weight)[0] or distance.max() or 1
    return replace(rows, unit=float(unit))


def _split(rows: Rows) -> tuple[Rows, Rows]:
    """Rows to fit and rows to judge by; equal rows, equally far, are in one part."""
    distance = rows.distances(np.zeros(rows.X.shape[1]))
    values, rank = np.unique(distance, return_inverse=True)
    stride = -(-len(values) // _MOST_ROWS)
    fold = np.where(rank % stride == 0, rank // stride % _FOLDS, _FOLDS)
    return (
        replace(rows, numbers=np.flatnonzero(fold < _FOLDS - 1)),
        replace(rows, numbers=np.flatnonzero(fold == _FOLDS - 1)),
    )


def _best_for(rows: Rows, profiles: list[Profile]) -> tuple[int, Array]:
    """The profile with the least error on these rows, and its squared errors."""
    squares = []
    for profile in profiles:
        predicted = profile.predict(rows.distances(profile.center))
        squares.append(((rows.targets[rows.numbers] - predicted) ** 2).sum(axis=1))
    best = int(np.argmin(np.array(squares) @ rows.weight[rows.numbers]))
    return best, squares[best]


def _best_on_line(rows: Rows, profile: Profile) -> list[Array]:
    """Places where the error dips along the direction in which residuals vary most.

    If the law of the inputs is symmetric about the start, all moments of x with the
    residuals and a function of |x| are along c.
    """
    n_features = rows.X.shape[1]
    moments = np.zeros((n_features, profile.spline.c.size))
    for numbers, away, distance in rows.blocks(profile.center):
        residual = rows.targets[numbers] - profile.predict(distance)
        residual *= rows.weight[numbers, None]
        local = profile.basis(distance)[:, :, None] * residual[:, None]
        moments += away.T @ local.reshape(len(away), -1)
    line = np.linalg.svd(moments, full_matrices=False)[0][:, 0]
    tried = [fit_profile(rows, place * line, _KNOTS[1]) for place in _PLACES]
    errors = np.pad([one.error for one in tried], 1, constant_values=np.inf)
    neighbours = np.minimum(errors[:-2], errors[2:])
    dips = np.flatnonzero(errors[1:-1] <= neighbours)
    lowest = dips[np.argsort(errors[1 + dips], kind="stable")]
    return [tried[k].center for k in lowest[:_MOST_STARTS]]


def _refine(rows: Rows, center: Array, n_knots: int) -> Profile:
    """Gauss-Newton steps while they lower the error."""
    profile = fit_profile(rows, center, n_knots)
    for _ in range(_MOST_STEPS):
        before, step = profile.error, _step(rows, profile)
        for halvings in range(_MOST_HALVINGS):
            trial = fit_profile(rows, profile.center + step / 2**halvings, n_knots)
            if trial.error < before:
                profile = trial
                break
        if before - profile.error <= _ENOUGH * before:
            break
    return profile


def _step(rows: Rows, profile: Profile) -> Array:
    """A Gauss-Newton step, no longer than half the median distance."""
    normal, gradient = normal_equations(rows, profile)
    level = np.trace(normal) / len(normal)
    if not level > 0:
        return np.zeros_like(gradient)
    damped = normal + _DAMPING * level * np.eye(len(normal))
    step = linalg.solve(damped, gradient, assume_a="pos")
    length, longest = np.linalg.norm(step), profile.middle / 2
    return step if length <= longest else step * (longest / length)
