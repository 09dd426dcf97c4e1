"""The centre of a radial target, which need not be that of the data."""

import numpy as np
from scipy import linalg

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._samples import Array, Samples
from sklearn_depth._solvers.radial._center import distances
from sklearn_depth._solvers.radial._profile import (
    Offsets,
    Profile,
    fit_profile,
    normal_equations,
)

# Knots of the splines, from coarse to fine.
_KNOTS = 6, 12, 25
# Where the line is searched, in median distances from the start.
_PLACES = np.linspace(-3, 3, 25)
_MOST_STARTS = 3
# The search sees so many samples, less repeated ones, and one in four judges it.
_MOST_ROWS = 20_000
_FOLDS = 4
_MOST_STEPS, _MOST_HALVINGS = 15, 8
_ENOUGH = 1e-4  # relative decrease of the error that is worth another step
_DAMPING = 1e-3  # of the mean eigenvalue: splines may fit what some steps change


def learn_center(samples: Samples, start: Array) -> Array:
    r"""The c that makes the targets functions of \|x - c\|, up to noise.

    Variable projection (Kaufman 1975): the least-squares spline of the distance from c
    leaves an error that depends on c alone, and Gauss-Newton steps lower it. Its basin
    is narrow, so they begin at the best places of a line through ``start``.

    c is learned on some samples and must lower the error on others by more than a
    standard error; otherwise ``start`` is returned. Then all samples improve it.
    Targets count alike, in units of their deviation.
    """
    offsets = _in_units(samples, start)
    fitted, judges = _split(offsets)
    origin = np.zeros(samples.n_features)
    at_start = [fit_profile(fitted, origin, n_knots) for n_knots in _KNOTS]
    found: list[Profile] = []
    for center in _best_on_line(fitted, at_start[1]):
        for n_knots in _KNOTS:
            found.append(_refine(fitted, center, n_knots))
            center = found[-1].center
    best, errors = _best_for(judges, found)
    gain = _best_for(judges, at_start)[1] - errors
    weight = judges.samples.weight
    if not weight @ gain > np.sqrt(weight @ gain**2):
        return start
    center = _refine(offsets, found[best].center, _KNOTS[best % len(_KNOTS)]).center
    return start + offsets.unit * center


def _in_units(samples: Samples, start: Array) -> Offsets:
    """Scaled targets, and the median distance from the start as the unit."""
    distance = distances(samples.X, start)
    unit = weighted_median(distance, samples.weight) or distance.max() or 1
    return Offsets(samples.scaled(), start, float(unit))


def _split(offsets: Offsets) -> tuple[Offsets, Offsets]:
    """Samples to fit and to judge by; equal ones, equally far, are in one part."""
    distance = offsets.distances(np.zeros_like(offsets.origin))
    values, rank = np.unique(distance, return_inverse=True)
    stride = -(-len(values) // _MOST_ROWS)
    fold = np.where(rank % stride == 0, rank // stride % _FOLDS, _FOLDS)
    return offsets[fold < _FOLDS - 1], offsets[fold == _FOLDS - 1]


def _best_for(offsets: Offsets, profiles: list[Profile]) -> tuple[int, Array]:
    """The profile with the least error on these samples, and its squared errors."""
    squares = []
    for profile in profiles:
        predicted = profile.predict(offsets.distances(profile.center))
        squares.append(((offsets.samples.targets - predicted) ** 2).sum(axis=1))
    best = int(np.argmin(np.array(squares) @ offsets.samples.weight))
    return best, squares[best]


def _best_on_line(offsets: Offsets, profile: Profile) -> list[Array]:
    """Places where the error dips along the direction in which residuals vary most.

    If the law of the inputs is symmetric about the start, all moments of x with the
    residuals and a function of |x| are along c.
    """
    samples = offsets.samples
    moments = np.zeros((samples.n_features, profile.spline.c.size))
    for rows, away, distance in offsets.blocks(profile.center):
        residual = samples.targets[rows] - profile.predict(distance)
        residual *= samples.weight[rows, None]
        local = profile.basis(distance)[:, :, None] * residual[:, None]
        moments += away.T @ local.reshape(len(away), -1)
    line = np.linalg.svd(moments, full_matrices=False)[0][:, 0]
    tried = [fit_profile(offsets, place * line, _KNOTS[1]) for place in _PLACES]
    errors = np.pad([one.error for one in tried], 1, constant_values=np.inf)
    neighbours = np.minimum(errors[:-2], errors[2:])
    dips = np.flatnonzero(errors[1:-1] <= neighbours)
    lowest = dips[np.argsort(errors[1 + dips], kind="stable")]
    return [tried[k].center for k in lowest[:_MOST_STARTS]]


def _refine(offsets: Offsets, center: Array, n_knots: int) -> Profile:
    """Gauss-Newton steps while they lower the error."""
    profile = fit_profile(offsets, center, n_knots)
    for _ in range(_MOST_STEPS):
        before, step = profile.error, _step(offsets, profile)
        for halvings in range(_MOST_HALVINGS):
            trial = fit_profile(offsets, profile.center + step / 2**halvings, n_knots)
            if trial.error < before:
                profile = trial
                break
        if before - profile.error <= _ENOUGH * before:
            break
    return profile


def _step(offsets: Offsets, profile: Profile) -> Array:
    """A Gauss-Newton step, no longer than half the median distance."""
    normal, gradient = normal_equations(offsets, profile)
    level = np.trace(normal) / len(normal)
    if not level > 0:
        return np.zeros_like(gradient)
    damped = normal + _DAMPING * level * np.eye(len(normal))
    step = linalg.solve(damped, gradient, assume_a="pos")
    length, longest = np.linalg.norm(step), profile.middle / 2
    return step if length <= longest else step * (longest / length)
