"""Single- and multi-index models: Gaussian columns, a function of few projections."""

import numpy as np

from sklearn_depth.datasets import (
    make_multi_index,
    make_single_index,
    make_spiked_single_index,
)

from .planted import planter

single = planter("index", "TwoLayerGD", make_single_index, rank=1)
multi = planter("index", "TwoLayerGD", make_multi_index, rank=2)
spiked = planter("index", "TwoLayerGD", make_spiked_single_index, rank=1)


def equicorrelated(d, rho=0.5):
    return rho + (1 - rho) * np.eye(d)


def one_large(d, variance=25):
    """A column of large variance, which the target does not single out."""
    return np.r_[variance, np.ones(d - 1)]


def bump(z):
    return np.exp(-(z**2))


def three_sines(z):
    return np.sin(3 * z)


def fast_cosine(z):
    return np.cos(4 * z)


def largest(Z):
    return Z.max(axis=1)


def length(Z):
    return np.linalg.norm(Z, axis=1)


def tanhs(Z):
    return np.tanh(2 * Z).sum(axis=1)


def sines(Z):
    return np.sin(1.5 * Z).sum(axis=1)


def squares(Z):
    return (Z**2).sum(axis=1)


def octants(Z):
    return np.sign(Z[:, 0] * Z[:, 1]) + np.sign(Z[:, 1] * Z[:, 2])


CHOSEN_ON = [
    single("He2+He3", 100, 1000, 0.5, link=[0, 0, 1, 1]),
    single("He2+He3", 50, 500, 0, link=[0, 0, 1, 1]),
    single("He3", 50, 4000, 0, link="he3"),
    single("abs", 100, 2000, 0.3, link="abs"),
    single("line", 50, 300, 1, link=[0, 1]),
    single("cos 4z", 30, 2000, 0.3, link=fast_cosine),
    multi("octants, r=3", 30, 3000, 0.3, n_directions=3, link=octants),
    multi("ReLUs, r=3", 50, 2000, 0.5, n_directions=3, link="relus"),
    multi("sines, r=10", 20, 2000, 0.2, n_directions=10, link=sines),
    multi("squares, r=10", 30, 1000, 0.2, n_directions=10, link=squares),
]
REPORTED = [
    single("He2", 60, 1500, 0.3, 1, link="he2"),
    single("He1+He3", 100, 1500, 0.3, 2, link="he1+he3"),
    single("He4", 20, 3000, 0, link="he4"),
    single("quintic", 50, 800, 0.2, 5, link=[0, 0.5, 0.4, 0.3, 0.2, 0.1]),
    single("ReLU", 200, 1500, 0.3, link="relu"),
    single("staircase", 50, 2000, 0.1, link="staircase"),
    single("step", 40, 1000, 1, link="step"),
    single("tanh", 100, 500, 0.5, link="tanh"),
    single("exp -z²", 50, 2000, 0.3, link=bump),
    single("sin 3z", 20, 2000, 0.2, link=three_sines),
    multi("quartic, r=2", 40, 3000, 0, n_directions=2, degree=4),
    multi("cubic, r=5", 40, 3000, 0.2, 55, n_directions=5),
    multi("product, r=2", 60, 3000, 0.3, 1, n_directions=2, link="product"),
    multi("product, r=3", 20, 3000, 0, n_directions=3, link="product"),
    multi("sign of a product, r=2", 20, 3000, 0.3, link="sign_product"),
    multi("ReLUs, r=4", 80, 2500, 0.5, n_directions=4, link="relus"),
    multi("maximum, r=3", 30, 1500, 1, n_directions=3, link=largest),
    multi("length, r=5", 50, 3000, 0.3, n_directions=5, link=length),
    multi("tanhs, r=5", 120, 3000, 0.2, n_directions=5, link=tanhs),
    multi("few rows, cubic, r=2", 10, 150, 0.3, 9, n_directions=2),
    spiked("He3 near a spike", 50, 1500, 0.3, 1, spike=25, overlap=0.9),
    single(
        "abs, correlated columns", 100, 2000, 0.3, link="abs",
        covariance=equicorrelated(100),
    ),
    multi(
        "cubic, r=2, one large column", 50, 2000, 0.1, 9, n_directions=2,
        covariance=one_large(50),
    ),
]  # fmt: skip
