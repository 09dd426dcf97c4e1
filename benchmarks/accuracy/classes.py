"""Planted labels: few directions, single columns, distances, networks; 2 to 5 classes.

They were listed before any model ran on them.
"""

import numpy as np

from sklearn_depth.datasets import (
    make_ball_indicator,
    make_multi_index_labels,
    make_radial,
    make_random_network,
)

from .index import equicorrelated, largest, three_sines
from .labels import logistic_planter, planter, several_classes

multi = planter("TwoLayerGD", make_multi_index_labels)
ball = planter("FixedHiddenSigmoid", make_ball_indicator)
profile = logistic_planter("RadialTwoLayer", make_radial)
network = logistic_planter("HermitePolynomial", make_random_network)


def columns(n_columns, d):
    """Directions along the first columns."""
    return np.eye(d)[:n_columns]


def line(Z):
    return Z[:, 0]


def beyond(Z):
    """Away from zero, which half of the samples are."""
    return np.abs(Z[:, 0]) - 0.6745


def sine(Z):
    return three_sines(Z[:, 0])


def maximum(Z):
    """Less the median of the largest of three normal numbers."""
    return largest(Z) - 0.8193


def squares(Z):
    return Z**2


def quadrants(Z):
    return np.column_stack([np.minimum(Z @ a, Z @ b) for a, b in SIGNS])


def rings(Z):
    return -np.abs(np.linalg.norm(Z, axis=1, keepdims=True) - RADII)


def steps(Z):
    return -np.abs(Z - np.linspace(-2, 2, 5))


SIGNS = [((s, 0), (0, t)) for s in (-1, 1) for t in (-1, 1)]
RADII = 0.4, 1.0, 1.6, 2.2

CHOSEN_ON = [
    multi("XOR, flips 0.1", 30, 2000, noise=0.1),
    multi("majority of three, flips 0.1", 30, 1000, n_directions=3, link="majority",
          noise=0.1),
    multi("line, T=0.3", 30, 1000, n_directions=1, link=line, temperature=0.3),
    ball("ball, Gaussian, flips 0.05", 30, 2000, noise=0.05),
    several_classes("largest of three", 20, 1000, 0.3, 3, np.asarray),
]  # fmt: skip
REPORTED = [
    multi("line, T=0.5", 50, 500, n_directions=1, link=line, temperature=0.5),
    multi("|z|, T=0.2", 50, 2000, n_directions=1, link=beyond, temperature=0.2),
    multi("sin 3z, T=0.3", 15, 2000, n_directions=1, link=sine, temperature=0.3),
    multi("XOR, flips 0.05", 20, 1500, noise=0.05),
    multi("XOR of two columns, flips 0.1", 50, 1000, noise=0.1,
          directions=columns(2, 50)),
    multi("product, r=2, T=0.5", 40, 2000, link="product", temperature=0.5),
    multi("majority of three, flips 0.1", 40, 2000, n_directions=3, link="majority",
          noise=0.1),
    multi("majority of three columns, T=1", 60, 500, n_directions=3, link="majority",
          directions=columns(3, 60), temperature=1),
    multi("maximum, r=3, T=0.3", 30, 2000, n_directions=3, link=maximum,
          temperature=0.3),
    multi("ReLUs, r=4, T=0.3", 60, 2000, n_directions=4, link="relus", temperature=0.3),
    multi("cubic, r=2, correlated columns, T=0.5", 30, 2000, link="polynomial",
          temperature=0.5, covariance=equicorrelated(30)),
    ball("ball, Gaussian, flips 0.1", 20, 1500, noise=0.1),
    ball("ball, uniform norms, flips 0.2", 40, 2000, law="uniform", noise=0.2),
    profile("cos 4r", 20, 1500, 0.3, profile="cosine"),
    network("network, erf, depth 3", 20, 2000, 0.3, depth=3),
    several_classes("quadrants, 4 classes", 40, 2000, 0.2, 2, quadrants),
    several_classes("largest square, 3 classes", 20, 2000, 0.3, 3, squares),
    several_classes("rings, 4 classes", 15, 2000, 0.1, 2, rings),
    several_classes("steps, 5 classes", 50, 500, 0.3, 1, steps),
]  # fmt: skip
