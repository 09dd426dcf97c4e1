"""Samples whose norms r are uniform on [0, 2], and targets that depend on r alone."""

from typing import NamedTuple

import numpy as np

from sklearn_depth.datasets import make_radial

FREQUENCIES = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32)


class Target(NamedTuple):
    """A title, and a profile of ``make_radial`` with its frequency if it has one."""

    title: str
    profile: str
    frequency: float | None = None


def sine(frequency):
    """The name of sin(frequency r)."""
    return f"sine_{frequency}"


TARGETS = {
    "abs": Target("abs(r - 1)", "abs"),
    "tent": Target("max(0, 1 - r)", "tent"),
    **{sine(w): Target(f"sin {w}r", "sine", float(w)) for w in FREQUENCIES},
}
LIPSCHITZ = ("abs", "tent", sine(3))
OSCILLATION = "theorem_4"


def target(name, d):
    """A target by name; Theorem 4's has d³ periods in r², here up to the radius 2."""
    if name == OSCILLATION:
        return Target("sin(2πd³ (r/2)²)", "oscillation", 2 * np.pi * d**3 / 4)
    return TARGETS[name]


def draw(n, d, names, rng):
    """Samples, and the targets of these names as columns."""
    X, _ = make_radial(n, d, random_state=rng)
    return X, np.column_stack([values(X, target(name, d)) for name in names])


def values(X, target):
    """A target at the samples."""
    _, profile, frequency = target
    _, _, truth = make_radial(
        1, X.shape[1], profile=profile, frequency=frequency, return_truth=True
    )
    return truth(X)
