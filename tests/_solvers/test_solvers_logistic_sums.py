"""Logistic heads by passes over blocks."""

import numpy as np
import pytest

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.logistic._head import solve_logistic
from sklearn_depth._solvers.logistic._sums import HeadToFit, minimise_together

rng = np.random.default_rng(0)
X = rng.standard_normal((900, 5))
weight = rng.uniform(0.2, 3, 900)
z = np.column_stack([X[:, 0], X[:, 1] + 1, X[:, 2] - X[:, 3] - 2])
classes = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
THREE = (classes[:, None] == np.arange(3)).astype(float)
TARGETS = {"two": THREE[:, :1], "three": THREE}
SAMPLES = {name: Samples.of(X, targets, weight) for name, targets in TARGETS.items()}
each = pytest.mark.parametrize("samples", SAMPLES.values(), ids=SAMPLES)


def square(X):
    return np.column_stack([X, X**2])


class Passes:
    """Means over blocks, and how many there were."""

    def __init__(self, samples, size=250):
        self.samples, self.size, self.count = samples, size, 0

    def __call__(self, function):
        self.count += 1
        means = RowMeans()
        for start in range(0, len(self.samples), self.size):
            part = self.samples[start : start + self.size]
            means = means.merge(RowMeans(part.total_weight, function(part)))
        return means


def start(samples, transform, alpha, some):
    """A head that some of the rows have."""
    n_columns = transform(X[:1]).shape[1]
    head = solve_logistic(transform, samples[:some], alpha, n_columns=n_columns)
    parameters = np.vstack([head.coef, head.intercept])
    return HeadToFit(transform, parameters, alpha / samples.total_weight)


@each
def test_heads_are_those_of_all_rows(samples):
    """All at once; in so few passes."""
    passes = Passes(samples)
    kinds = [(np.positive, 0.1), (square, 3.0)]
    found = minimise_together(passes, [start(samples, *kind, 300) for kind in kinds])
    for parameters, (transform, alpha) in zip(found, kinds, strict=True):
        n_columns = transform(X[:1]).shape[1]
        expected = solve_logistic(transform, samples, alpha, n_columns=n_columns)
        np.testing.assert_allclose(parameters[:-1], expected.coef, atol=1e-5)
        np.testing.assert_allclose(parameters[-1], expected.intercept, atol=1e-5)
    assert passes.count < 25


@each
def test_the_gradient_vanishes(samples):
    """To what rounding allows, wherever the head begins."""
    head = start(samples, square, 1.0, 300)
    far = HeadToFit(square, 0 * head.parameters, head.penalty)
    (found,), (other,) = (minimise_together(Passes(samples), [h]) for h in (head, far))
    np.testing.assert_allclose(found, other, atol=1e-8)
    features = np.column_stack([square(X), np.ones(len(X))])
    margins = features @ found
    if margins.shape[1] == 1:
        p = 1 / (1 + np.exp(-margins))
    else:
        p = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    gradient = features.T @ (weight[:, None] * (p - samples.targets))
    gradient[:-1] += 2 * found[:-1]
    assert np.abs(gradient).max() < 1e-9 * weight.sum()


@each
def test_blocks_of_any_size_give_the_same(samples):
    head = start(samples, square, 1.0, 300)
    (expected,) = minimise_together(Passes(samples, 900), [head])
    for size in 70, 511:
        (found,) = minimise_together(Passes(samples, size), [head])
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_labels_without_noise_take_few_passes_too():
    """Where margins are large, units of the start are wrong at the end."""
    y = (X[:, 0] * X[:, 1] > 0.3).astype(float)
    samples = Samples.of(X, y)

    def cubes(X):
        return np.column_stack([X, X[:, :2] ** 3, X[:, :1] * X[:, 1:], X**2])

    passes = Passes(samples)
    head = start(samples, cubes, 1e-4, 150)
    (found,) = minimise_together(passes, [head])
    margins = head.rows(X) @ found
    assert np.mean((margins[:, 0] > 0) == y) > 0.99
    gradient = head.rows(X).T @ (1 / (1 + np.exp(-margins)) - samples.targets)
    gradient[:-1] += 2 * 1e-4 * found[:-1]
    assert np.abs(gradient).max() < 1e-9 * len(X)
    assert passes.count < 80
