"""Ridge heads against scikit-learn, the normal equations and the hat matrix."""

from copy import copy, deepcopy

import numpy as np
import pytest
from refits import leave_one_out_error
from sklearn.linear_model import Ridge, RidgeCV

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._primal import solve_by_leave_one_out, solve_ridge

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
    return RidgeMoments(X.shape[1], Y.shape[1]).update(Samples.of(X, Y, weight))


def identity(X):
    return X


def solve(X, Y, weight=None, alpha="auto", **options):
    return solve_ridge(
        identity, Samples.of(X, Y, weight), alpha, n_columns=X.shape[1], **options
    )


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
    total = len(X) if weight is None else weight.sum()
    free = 1 - np.trace(hat) / len(X)
    return np.sum((z - hat @ z) ** 2) / total / free**2


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
        solve(X, Y, weight, alpha, fit_intercept=fit_intercept, dual=False),
        solve(X, Y, weight, alpha, fit_intercept=fit_intercept, dual=True),
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


@each_shape
@each_weighting
@each_intercept
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_primal_is_dual(shape, weighted, fit_intercept, alpha):
    X, Y, weight = problem(shape, weighted)
    primal = moments_of(X, Y, weight).solve(alpha, fit_intercept=fit_intercept)
    dual = solve(X, Y, weight, alpha, fit_intercept=fit_intercept, dual=True)
    for name in ("coef", "intercept", "alpha"):
        np.testing.assert_allclose(
            getattr(primal, name), getattr(dual, name), rtol=1e-8, atol=1e-9
        )


def weights_of(weighting, shape):
    weight = problem(shape, True)[2]
    made = {
        None: None,
        "copies": np.ceil(weight),
        "shares": weight / weight.sum(),
        "tiny": 1e-200 * weight,
        "huge": 1e200 * weight,
    }
    return made[weighting]


each_unit = pytest.mark.parametrize(
    "weighting", [None, "copies", "shares", "tiny", "huge"]
)
# Which estimate a word means, and the matrix that it comes from.
CRITERIA = [
    ("auto", (60, 7), leave_one_out_error, {}),
    ("auto", (60, 7), brute_force_gcv, {"few_rows": 8}),
    ("auto", (12, 30), leave_one_out_error, {}),
    ("auto", (80, 7), brute_force_gcv, {}),
    ("loo", (80, 7), leave_one_out_error, {}),
    ("loo", (12, 30), leave_one_out_error, {"dual": False}),
    ("gcv", (60, 7), brute_force_gcv, {}),
    ("gcv", (12, 30), brute_force_gcv, {}),
    ("gcv", (12, 30), brute_force_gcv, {"dual": False}),
    ("gcv", (12, 11), brute_force_gcv, {"dual": False}),
    ("gcv", (12, 12), brute_force_gcv, {"dual": False}),
    ("gcv", (60, 7), brute_force_gcv, {"dual": True}),
    ("loo", (60, 7), leave_one_out_error, {"dual": True}),
]


@pytest.mark.parametrize(("word", "shape", "brute_force", "options"), CRITERIA)
@each_unit
@each_intercept
def test_errors_by_brute_force(
    word, shape, brute_force, options, weighting, fit_intercept
):
    """Of the penalty in the user's unit of the weights, which move no error."""
    X, Y, _ = problem(shape)
    weight = weights_of(weighting, shape)
    options = {"fit_intercept": fit_intercept} | options
    head = solve(X, Y, weight, word, **options)
    unit = 1.0 if weight is None else weight.mean()
    share = None if weight is None else weight / unit

    def error_of(y, alpha):
        return brute_force(X, y, share, alpha / unit, fit_intercept)

    for k, y in enumerate(Y.T):
        error = error_of(y, head.alpha[k])
        assert head.error[k] == pytest.approx(error, rel=1e-6, abs=0)
        factors = np.geomspace(1e-4, 1e4, 33 if brute_force is brute_force_gcv else 9)
        # Below its grid a penalty's error is one of rounding.
        others = [error_of(y, head.alpha[k] * f) for f in factors if f * 1e9 > 1]
        # Three a decade: the best of the grid is near the best of all.
        assert error <= 1.02 * min(others)


def test_leave_one_out_alone_and_by_the_word():
    X, Y, weight = problem((60, 7), weighted=True)
    for fit_intercept in (True, False):
        samples = Samples.of(X, Y, 7 * weight)
        found = solve_by_leave_one_out(samples, fit_intercept=fit_intercept)
        expected = solve(X, Y, 7 * weight, "loo", fit_intercept=fit_intercept)
        for name in ("coef", "intercept", "alpha", "error"):
            np.testing.assert_allclose(
                getattr(found, name), getattr(expected, name), rtol=1e-8
            )


@pytest.mark.parametrize("alpha", [0.5, 20.0])
def test_gcv_is_leave_one_out_where_all_leverages_are_equal(alpha):
    angles = 2 * np.pi * np.outer(np.arange(24) / 24, [1, 2, 5])
    X = np.hstack([np.cos(angles) * [1, 3, 0.5], np.sin(angles) * [1, 3, 0.5]])
    Y = problem((24, 6))[1]
    reference = RidgeCV(alphas=[alpha], store_cv_results=True).fit(X, Y)
    leave_one_out = reference.cv_results_[:, :, 0].mean(axis=0)
    spectrum = moments_of(X, Y, None).spectrum(1)[0]
    gcv = spectrum.error(np.array([alpha]))[0]
    np.testing.assert_allclose(gcv, leave_one_out, rtol=1e-10)


@each_shape
@each_intercept
@pytest.mark.parametrize("alpha", [0.3, "auto", "loo", "gcv"])
def test_weights_are_repetition(shape, alpha, fit_intercept):
    """A penalty that is given sees rows, one that is chosen rows that differ."""
    X, Y, _ = problem(shape)
    times = np.random.default_rng(1).integers(1, 4, len(X))
    heads = []
    for rows, targets, weight in (
        (X, Y, times.astype(float)),
        (np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0), None),
    ):
        samples = Samples.of(rows, targets, weight).merged()
        heads.append(
            solve_ridge(
                identity,
                samples,
                alpha,
                n_columns=shape[1],
                fit_intercept=fit_intercept,
            )
        )
    weighted, repeated = heads
    for name in ("coef", "intercept", "alpha"):
        np.testing.assert_allclose(
            getattr(weighted, name), getattr(repeated, name), rtol=1e-8, atol=1e-9
        )
    if isinstance(alpha, str):
        np.testing.assert_allclose(weighted.error, repeated.error, rtol=1e-8)
    else:
        reference = Ridge(alpha, fit_intercept=fit_intercept, solver="svd")
        reference.fit(np.repeat(X, times, axis=0), np.repeat(Y, times, axis=0))
        np.testing.assert_allclose(repeated.coef.T, reference.coef_, atol=1e-9)


@each_shape
@each_intercept
@pytest.mark.parametrize("alpha", ["loo", "gcv"])
def test_merged_rows_leave_together(shape, alpha, fit_intercept):
    """Their targets' squares about their mean stay in the error."""
    X, Y, _ = problem(shape)
    rng = np.random.default_rng(1)
    labels = np.r_[np.arange(len(X)), rng.integers(0, len(X), 2 * len(X))]
    Y = 0.1 * Y + X[:, -1:] * [1, -1, 0.5]  # which other places tell of one
    targets = Y[labels] + 0.1 * rng.standard_normal((len(labels), 3))
    weight = rng.uniform(0.2, 3, len(labels))
    options = {"n_columns": shape[1], "fit_intercept": fit_intercept}
    samples = Samples.of(X[labels], targets, weight).merged()
    head = solve_ridge(identity, samples, alpha, **options)
    for k in range(3):
        ridge = Ridge(head.alpha[k], fit_intercept=fit_intercept, solver="svd")
        y = targets[:, k]
        if alpha == "loo":
            misses = np.empty(len(y))
            for label in range(len(X)):
                out = labels == label
                ridge.fit(X[labels[~out]], y[~out], weight[~out])
                misses[out] = y[out] - ridge.predict(X[[label]])
            expected = np.average(misses**2, weights=weight)
        else:
            expected = brute_force_gcv(
                X[labels], y, weight, head.alpha[k], fit_intercept
            )
        assert head.error[k] == pytest.approx(expected, rel=1e-7)


@each_shape
@pytest.mark.parametrize("word", ["auto", "loo", "gcv"])
@pytest.mark.parametrize("unit", [1e-200, 1e-3, 2.0, 20.0, 1e200])
def test_the_unit_of_the_weights_moves_nothing_but_the_penalty(shape, word, unit):
    X, Y, weight = problem(shape, weighted=True)
    expected, head = (solve(X, Y, w, word) for w in (weight, unit * weight))
    np.testing.assert_allclose(head.alpha / unit, expected.alpha, rtol=1e-9)
    for name in ("coef", "intercept", "error"):
        np.testing.assert_allclose(
            getattr(head, name), getattr(expected, name), rtol=1e-9
        )


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
    assert weight is None or len({piece.unit for piece in pieces}) > 1
    while len(pieces) > 1:  # a tree of merges, as a distributed reduce makes
        pieces = [pieces[0].merge(pieces[-1]), *pieces[1:-1]][::-1]
    stream = pieces[0]
    assert stream.n_rows == 60
    in_one_unit = stream.in_unit(batch.unit)
    for name in ("weight", "gram", "cross", "target_square"):
        expected = getattr(batch, name)
        np.testing.assert_allclose(
            getattr(in_one_unit, name), expected, atol=1e-10 * np.abs(expected).max()
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
        moments = moments.update(Samples.of(far[block], Y[block]))
    np.testing.assert_allclose(moments.gram, reference, atol=1e-8)
    naive = far.T @ far - 60 * np.outer(far.mean(axis=0), far.mean(axis=0))
    assert abs(naive - reference).max() > 1e-2


@each_weighting
@pytest.mark.parametrize("transform", [identity, lambda X: X[:, 2:], lambda X: +X])
def test_sums_leave_the_rows_as_they_were(transform, weighted):
    """New memory is centred where it lies, and parts of X are not."""
    X, Y, weight = problem((60, 7), weighted)
    samples, before = Samples.of(X, Y, weight), X.copy()
    features = transform(X)
    expected = moments_of(features.copy(), Y, weight)
    sums = RidgeMoments(features.shape[1], 3).update_in_blocks(transform, samples)
    np.testing.assert_array_equal(X, before)
    for name, value in vars(expected).items():
        np.testing.assert_array_equal(vars(sums)[name], value)


def test_blocks_and_one_block_agree():
    X, Y, weight = problem((70_000, 40), weighted=True)  # more than one block of rows
    head = solve(X, Y, weight, 1.0)
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
    head = solve(X, Y, None, 0.0, fit_intercept=fit_intercept)
    np.testing.assert_allclose(X @ head.coef + head.intercept, Y, atol=1e-9)
    shift = int(fit_intercept)
    centred, residual = X - shift * X.mean(axis=0), Y - shift * Y.mean(axis=0)
    shortest = np.linalg.lstsq(centred, residual, rcond=1e-10)[0]
    np.testing.assert_allclose(head.coef, shortest, atol=1e-9)


@pytest.mark.parametrize("shape", [(60, 7), (12, 30)])
def test_constant_columns_and_targets_leave_the_mean(shape):
    X, Y = np.full(shape, 3.0), np.full((shape[0], 2), [5.0, -1.0])
    for word in ("auto", "loo", "gcv"):
        head = solve(X, Y, None, word)
        np.testing.assert_array_equal(head.coef, 0)
        np.testing.assert_allclose(head.intercept, [5, -1])


@each_shape
def test_float32_features_are_summed_in_float64(shape):
    X, Y, _ = problem(shape)
    single = X.astype(np.float32)
    head = solve(single, Y, None, 0.1)
    reference = Ridge(alpha=0.1, solver="svd").fit(single.astype(float), Y)
    assert head.coef.dtype == np.float64
    np.testing.assert_allclose(head.coef.T, reference.coef_, atol=1e-9)


@each_shape
@pytest.mark.parametrize("alpha", [1.0, "auto", "loo", "gcv"])
def test_overflow_is_refused_with_advice(shape, alpha):
    X, Y, _ = problem(shape)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=r"overflow.*not finite.*StandardScaler"),
    ):
        solve(1e200 * X, Y, None, alpha)


SUMS = ("feature_mean", "target_mean", "gram", "cross", "target_square", "within")


@pytest.mark.parametrize("first", ["empty", "some rows"])
@pytest.mark.parametrize("way", ["update", "update_in_blocks", "merge"])
def test_new_rows_change_no_accumulator_but_the_new(first, way):
    """Nor what a shallow copy shares, nor memory that may not be written to."""
    X, Y, weight = problem((60, 7), weighted=True)
    sums = RidgeMoments(7, 3)
    if first != "empty":
        sums = sums.update(Samples.of(X[:20], Y[:20], weight[:20]))
    other = moments_of(X[20:], Y[20:], weight[20:])
    for accumulator in (sums, other):
        for name in SUMS:
            value = np.array(getattr(accumulator, name))
            value.flags.writeable = False
            setattr(accumulator, name, value)
    kept, before = copy(sums), deepcopy(sums)
    rest = Samples.of(X[20:], Y[20:], weight[20:])
    if way == "merge":
        made = sums.merge(other)
    elif way == "update":
        made = sums.update(rest)
    else:
        made = sums.update_in_blocks(identity, rest)
    again = made.merge(other)  # the sums that are new may be shared too
    assert again.n_rows == made.n_rows + 40
    for accumulator in (sums, kept):
        assert vars(accumulator).keys() == vars(before).keys()
        for name, value in vars(before).items():
            np.testing.assert_array_equal(vars(accumulator)[name], value)
    n_rows = 40 if first == "empty" else 60
    expected = moments_of(X[-n_rows:], Y[-n_rows:], weight[-n_rows:])
    for name in ("weight", *SUMS):
        np.testing.assert_allclose(
            getattr(made.in_unit(expected.unit), name),
            getattr(expected, name),
            atol=1e-10,
        )


BATCHES = [(1e-200, 1e-197), (1e200, 1e199), (1e-3, 1e3)]


@pytest.mark.parametrize(
    ("alpha", "units"),
    [
        *[(alpha, units) for alpha in (0.3, "gcv") for units in BATCHES],
        *[(0.3, units) for units in ((1e-200, 1e200), (1e200, 1e-200))],
    ],
)
def test_batches_of_other_units_are_one_fit(alpha, units):
    X, Y, weight = problem((60, 7), weighted=True)
    weight = weight * np.repeat(units, 30)
    stream = RidgeMoments(7, 3)
    for rows in (slice(30), slice(30, 60)):
        stream = stream.update(Samples.of(X[rows], Y[rows], weight[rows]))
    alpha = alpha if isinstance(alpha, str) else alpha * weight.mean()
    found, expected = stream.solve(alpha), moments_of(X, Y, weight).solve(alpha)
    for name in ("coef", "intercept", "alpha"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-8, atol=1e-9
        )


def test_empty_sums_have_no_rows_and_change_nothing():
    sums = moments_of(*problem((60, 7), weighted=True))
    assert sums.empty().n_rows == sums.empty().weight == 0
    assert sums.empty().gram.shape == (7, 7)
    for made in (sums.empty().merge(sums), sums.merge(sums.empty())):
        for name, value in vars(sums).items():
            np.testing.assert_array_equal(vars(made)[name], value)
