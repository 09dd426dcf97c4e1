"""Ridge heads against scikit-learn, the normal equations and the hat matrix."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from sklearn_depth._solvers._ridge import RidgeMoments, solve_dual, solve_ridge

each_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
each_weighting = pytest.mark.parametrize("weighted", [True, False])
each_shape = pytest.mark.parametrize("shape", [(60, 7), (12, 30)], ids=["tall", "wide"])


def problem(shape, weighted=False, n_targets=3, seed=0):
    """Columns of unlike scales and means, targets with an offset, weights or None."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal(shape) * np.geomspace(0.1, 5, shape[1]) + 1
    Y = X[:, :1] * [1, -1, 0.5][:n_targets] + rng.normal(2, 1, (shape[0], n_targets))
    weight = rng.uniform(0.2, 3, shape[0])
    return X, Y, weight / weight.mean() if weighted else None


def moments_of(X, Y, weight=None):
    return RidgeMoments(X.shape[1], Y.shape[1]).update(X, Y, weight)


def identity(X):
    return X


def hat_matrix(X, weight, alpha, fit_intercept):
    """What turns sqrt(weight) y into its fit: the bordered normal equations."""
    ones = np.ones((len(X), int(fit_intercept)))
    design = np.hstack([ones, X])
    if weight is not None:
        design *= np.sqrt(weight)[:, None]
    penalty = np.diag([0.0] * int(fit_intercept) + [alpha] * X.shape[1])
    return design @ np.linalg.solve(design.T @ design + penalty, design.T)


def brute_force_gcv(X, y, weight, alpha, fit_intercept):
    """GCV by its definition, through the explicit hat matrix."""
    hat = hat_matrix(X, weight, alpha, fit_intercept)
    z = y if weight is None else np.sqrt(weight) * y
    n = len(X) if weight is None else max(weight.sum(), len(X))
    return np.sum((z - hat @ z) ** 2) / n / (1 - np.trace(hat) / n) ** 2


@each_shape
@each_weighting
@each_intercept
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_fixed_penalty_is_scikit_learns_ridge(shape, weighted, fit_intercept, alpha):
    X, Y, weight = problem(shape, weighted)
    reference = Ridge(alpha=alpha, fit_intercept=fit_intercept, solver="svd")
    reference.fit(X, Y, sample_weight=weight)
    for head in (
        moments_of(X, Y, weight).solve(alpha, fit_intercept=fit_intercept),
        solve_dual(X, Y, weight, alpha, fit_intercept=fit_intercept),
    ):
        np.testing.assert_allclose(head.coef.T, reference.coef_, atol=1e-10)
        np.testing.assert_allclose(head.intercept, reference.intercept_, atol=1e-10)
        np.testing.assert_array_equal(head.alpha, [alpha] * 3)


@each_weighting
@each_intercept
def test_the_gradient_of_the_objective_vanishes(weighted, fit_intercept):
    X, Y, weight = problem((60, 7), weighted)
    head = moments_of(X, Y, weight).solve(2.0, fit_intercept=fit_intercept)
    residual = Y - X @ head.coef - head.intercept
    pull = residual if weight is None else weight[:, None] * residual
    np.testing.assert_allclose(X.T @ pull, 2.0 * head.coef, atol=1e-10)
    if fit_intercept:
        np.testing.assert_allclose(pull.sum(axis=0), 0, atol=1e-10)
    else:
        np.testing.assert_array_equal(head.intercept, 0)


def brute_force_leave_one_out(X, y, weight, alpha, fit_intercept):
    """Refit without each row in turn."""
    weight = np.ones(len(X)) if weight is None else weight
    errors = np.empty(len(X))
    for row in range(len(X)):
        left = np.arange(len(X)) != row
        model = Ridge(alpha=alpha, fit_intercept=fit_intercept, solver="svd")
        model.fit(X[left], y[left], sample_weight=weight[left])
        errors[row] = y[row] - model.predict(X[[row]])[0]
    return np.sum(weight * errors**2) / max(weight.sum(), len(X))


@each_shape
@each_weighting
@each_intercept
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_primal_is_dual(shape, weighted, fit_intercept, alpha):
    X, Y, weight = problem(shape, weighted)
    primal = moments_of(X, Y, weight).solve(alpha, fit_intercept=fit_intercept)
    dual = solve_dual(X, Y, weight, alpha, fit_intercept=fit_intercept)
    for name in ("coef", "intercept", "alpha"):
        np.testing.assert_allclose(
            getattr(primal, name), getattr(dual, name), rtol=1e-8, atol=1e-9
        )


@each_shape
@pytest.mark.parametrize("weighting", [None, "copies", "shares"])
@each_intercept
def test_scores_by_brute_force(shape, weighting, fit_intercept):
    """GCV with many rows a column, else exact leave-one-out."""
    X, Y, weight = problem(shape, weighting is not None)
    if weighting == "copies":
        weight = np.ceil(weight)
    elif weighting == "shares":
        weight = weight / weight.sum()
    n_samples = shape[0] if weight is None else max(weight.sum(), shape[0])
    many = n_samples > 10 * shape[1]
    brute_force = brute_force_gcv if many else brute_force_leave_one_out
    head = solve_ridge(
        identity, X, Y, weight, "gcv", n_columns=shape[1], fit_intercept=fit_intercept
    )
    for k, y in enumerate(Y.T):
        score = brute_force(X, y, weight, head.alpha[k], fit_intercept)
        assert head.score[k] == pytest.approx(score, rel=1e-8, abs=0)
        others = [
            brute_force(X, y, weight, head.alpha[k] * factor, fit_intercept)
            for factor in np.geomspace(1e-4, 1e4, 33 if many else 9)
        ]
        # Three a decade: the best of the grid is near the best of all.
        assert score <= 1.02 * min(others)


@pytest.mark.parametrize("alpha", [0.5, 20.0])
def test_gcv_is_leave_one_out_where_all_leverages_are_equal(alpha):
    angles = 2 * np.pi * np.outer(np.arange(24) / 24, [1, 2, 5])
    X = np.hstack([np.cos(angles) * [1, 3, 0.5], np.sin(angles) * [1, 3, 0.5]])
    Y = problem((24, 6))[1]
    reference = RidgeCV(alphas=[alpha], store_cv_results=True).fit(X, Y)
    leave_one_out = reference.cv_results_[:, :, 0].mean(axis=0)
    spectrum = moments_of(X, Y, None).spectrum(1)[0]
    gcv = spectrum.score(np.array([alpha]))[0]
    np.testing.assert_allclose(gcv, leave_one_out, rtol=1e-10)


@each_shape
@each_intercept
def test_weights_are_repetition(shape, fit_intercept):
    X, Y, _ = problem(shape)
    times = np.random.default_rng(1).integers(1, 4, len(X))
    weighted, repeated = (
        solve_ridge(
            identity, *data, "gcv", n_columns=shape[1], fit_intercept=fit_intercept
        )
        for data in (
            (X, Y, times.astype(float)),
            (np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0), None),
        )
    )
    for name in ("coef", "intercept", "alpha", "score"):
        np.testing.assert_allclose(
            getattr(weighted, name), getattr(repeated, name), rtol=1e-8, atol=1e-9
        )


def test_weights_that_sum_to_one_keep_the_penalty_off_the_floor():
    X, Y, weight = problem((60, 7), weighted=True)
    n_columns = 7
    # Taken as one observation, they would leave GCV no degree of freedom to spend.
    head = solve_ridge(
        identity, X, Y, weight / weight.sum(), "gcv", n_columns=n_columns
    )
    full = solve_ridge(
        identity, X, Y, weight / weight.mean(), "gcv", n_columns=n_columns
    )
    np.testing.assert_allclose(head.alpha * len(X), full.alpha)
    np.testing.assert_allclose(head.coef, full.coef, atol=1e-9)


@each_weighting
@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("n_blocks", [2, 5, 60])
def test_streaming_is_batch(weighted, offset, n_blocks):
    X, Y, weight = problem((60, 7), weighted)
    X, Y = X + offset, Y + offset
    batch = moments_of(X, Y, weight)
    rows = np.random.default_rng(2).permutation(60)
    pieces = []
    for block in np.array_split(rows, n_blocks):
        block_weight = None if weight is None else weight[block]
        pieces.append(moments_of(X[block], Y[block], block_weight))
    while len(pieces) > 1:  # a tree of merges, as a distributed reduce makes
        pieces = [pieces[0].merge(pieces[-1]), *pieces[1:-1]][::-1]
    stream = pieces[0]
    assert stream.n_rows == 60
    for name in ("gram", "cross", "target_square"):
        expected = getattr(batch, name)
        np.testing.assert_allclose(
            getattr(stream, name), expected, atol=1e-10 * abs(expected).max()
        )
    for alpha in (1.0, "gcv"):
        first, second = batch.solve(alpha), stream.solve(alpha)
        np.testing.assert_allclose(first.coef, second.coef, atol=1e-9)


def test_a_large_mean_costs_no_digits():
    X, Y, _ = problem((60, 7))
    far = X + 1e6
    exact = far - 1e6  # no rounding here: the digits that far keeps of X
    reference = (exact - exact.mean(axis=0)).T @ (exact - exact.mean(axis=0))
    moments = RidgeMoments(7, 3)
    for block in np.array_split(np.arange(60), 6):
        moments.update(far[block], Y[block])
    np.testing.assert_allclose(moments.gram, reference, atol=1e-8)
    naive = far.T @ far - 60 * np.outer(far.mean(axis=0), far.mean(axis=0))
    assert abs(naive - reference).max() > 1e-2


def test_blocks_and_one_block_agree():
    X, Y, weight = problem((70_000, 40), weighted=True)  # more than one block of rows
    head = solve_ridge(identity, X, Y, weight, 1.0, n_columns=40)
    reference = moments_of(X, Y, weight).solve(1.0)
    np.testing.assert_allclose(head.coef, reference.coef, atol=1e-12)


@each_intercept
@pytest.mark.parametrize("seed", range(20))
def test_singular_columns_give_the_shortest_solution(fit_intercept, seed):
    rng = np.random.default_rng(seed)
    n_columns = rng.integers(2, 9)
    rank = rng.integers(1, n_columns)
    factors = rng.standard_normal((50, rank)), rng.standard_normal((rank, n_columns))
    X, Y = factors[0] @ factors[1], rng.standard_normal((50, 2))
    shift = int(fit_intercept)
    centred, residual = X - shift * X.mean(axis=0), Y - shift * Y.mean(axis=0)
    shortest = np.linalg.pinv(centred, rcond=1e-9) @ residual
    head = moments_of(X, Y).solve(0.0, fit_intercept=fit_intercept)
    np.testing.assert_allclose(head.coef, shortest, atol=1e-6)


@each_intercept
def test_interpolation_is_the_shortest(fit_intercept):
    X, Y, _ = problem((12, 30))
    head = solve_ridge(
        identity, X, Y, None, 0.0, n_columns=30, fit_intercept=fit_intercept
    )
    np.testing.assert_allclose(X @ head.coef + head.intercept, Y, atol=1e-9)
    shift = int(fit_intercept)
    centred, residual = X - shift * X.mean(axis=0), Y - shift * Y.mean(axis=0)
    shortest = np.linalg.lstsq(centred, residual, rcond=1e-10)[0]
    np.testing.assert_allclose(head.coef, shortest, atol=1e-9)


@pytest.mark.parametrize("shape", [(60, 7), (12, 30)])
def test_constant_columns_and_targets_leave_the_mean(shape):
    X, Y = np.full(shape, 3.0), np.full((shape[0], 2), [5.0, -1.0])
    head = solve_ridge(identity, X, Y, None, "gcv", n_columns=shape[1])
    np.testing.assert_array_equal(head.coef, 0)
    np.testing.assert_allclose(head.intercept, [5, -1])


@each_shape
def test_float32_features_are_summed_in_float64(shape):
    X, Y, _ = problem(shape)
    single = X.astype(np.float32)
    head = solve_ridge(identity, single, Y, None, 0.1, n_columns=shape[1])
    reference = Ridge(alpha=0.1, solver="svd").fit(single.astype(float), Y)
    assert head.coef.dtype == np.float64
    np.testing.assert_allclose(head.coef.T, reference.coef_, atol=1e-9)


@each_shape
@pytest.mark.parametrize("alpha", [1.0, "gcv"])
def test_overflow_is_refused_with_advice(shape, alpha):
    X, Y, _ = problem(shape)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*not finite.*StandardScaler"),
    ):
        solve_ridge(identity, 1e200 * X, Y, None, alpha, n_columns=shape[1])
