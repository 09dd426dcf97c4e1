"""What targets add to their own fitted values, against fits without each row."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._leverages import own_part
from sklearn_depth._solvers.ridge._primal import solve_ridge


@pytest.mark.parametrize("alpha", [1e-3, 2.0, 100.0])
@pytest.mark.parametrize("n_features", [3, 60])
@pytest.mark.parametrize("weighted", [False, True])
def test_own_part_is_the_difference_from_a_fit_without_the_row(
    alpha, n_features, weighted
):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, n_features)) + 1
    y = X[:, 0] + rng.standard_normal(40)
    weight = rng.uniform(0.5, 3, 40) if weighted else np.ones(40)

    def solve(rows):
        samples = Samples.of(X[rows], y[rows], weight[rows])
        head = solve_ridge(lambda X: X, samples, alpha, n_columns=n_features)
        return samples, head

    samples, head = solve(np.arange(40))
    found = own_part(samples, head)
    for row in (0, 7, 39):
        _, without = solve(np.delete(np.arange(40), row))
        change = (X[row] - weight @ X / weight.sum()) @ (head.coef - without.coef)
        assert found[row] == pytest.approx(change[0], rel=1e-6)


def test_constant_columns_add_nothing():
    samples = Samples.of(np.ones((4, 2)), np.array([0.0, 0.0, 0.0, 4.0]))
    head = solve_ridge(lambda X: X, samples, 1.0, n_columns=2)
    np.testing.assert_array_equal(own_part(samples, head), 0)
