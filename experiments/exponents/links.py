"""The five links, and the learner that theory has for each."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from sklearn_depth.metrics import optimal_label_transform


@dataclass(frozen=True)
class Link:
    """A function of one projection.

    title : its name in the report.
    function : of z.
    degree : the first k with E[h_k(z) | y] not 0, the generative exponent; samples grow
        as d to the power ``growth``.
    """

    title: str
    function: object
    degree: int
    growth: int = 1


LINKS = {
    "he3": Link("He₃", lambda z: z**3 - 3 * z, 1),
    "abs": Link("abs z", np.abs, 2),
    "he4": Link("He₄", lambda z: z**4 - 6 * z**2 + 3, 2),
    "window": Link("abs z < 1", lambda z: 1.0 * (np.abs(z) < 1), 2),
    "hard": Link("z² exp(-z²)", lambda z: z**2 * np.exp(-(z**2)), 4, growth=2),
}


@cache
def label_transform(name):
    """E[He_k(z) | y] at the generative exponent k."""
    link = LINKS[name]
    return optimal_label_transform(link.function, degree=link.degree)
