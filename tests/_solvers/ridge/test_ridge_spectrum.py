"""Ridge in an eigenbasis against diagonal problems written out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import linalg

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._moments import moments_of
from sklearn_depth._solvers.ridge._penalties import (
    Path,
    in_our_unit,
    settled,
)
from sklearn_depth._solvers.ridge._spectrum import (
    Counts,
    Rows,
    Spectrum,
    check_finite,
    check_scale,
    cholesky_factor,
    rounding_level,
)


def spectrum(
    eigenvalues, loadings, outside=0.0, n_samples=10, n_unpenalised=0, **options
):
    loadings = np.asarray(loadings, float)
    if loadings.ndim == 1:
        loadings = loadings[:, None]
    return Spectrum(
        eigenvalues=np.asarray(eigenvalues, float),
        loadings=loadings,
        total=(loadings**2).sum(axis=0) + outside,
        n_places=n_samples,
        counts=Counts(n_samples, float(n_samples), np.zeros(loadings.shape[1])),
        n_unpenalised=n_unpenalised,
        **options,
    )


def test_gcv_by_hand():
    one = spectrum([4.0, 1.0], [3.0, 2.0], outside=5.0, n_unpenalised=1)
    # alpha = 1: RSS = 5 + 9 (1/5)² + 4 (1/2)², df = 1 + 4/5 + 1/2.
    expected = (5 + 9 / 25 + 1) / 10 / (1 - 2.3 / 10) ** 2
    assert one.error(np.array([1.0])) == pytest.approx(expected, rel=1e-14)


def test_gcv_at_the_ends_of_the_penalty():
    one = spectrum([4.0, 1.0], [3.0, 2.0], outside=5.0, n_unpenalised=1)
    nothing, everything = one.error(np.array([0.0, 1e30]))[:, 0]
    assert nothing == pytest.approx(5 / 10 / (1 - 3 / 10) ** 2)
    assert everything == pytest.approx(18 / 10 / (1 - 1 / 10) ** 2)


def test_gcv_is_infinite_where_no_sample_is_left():
    one = spectrum([4.0, 1.0], [3.0, 2.0], n_samples=3, n_unpenalised=1)
    assert one.error(np.array([0.0])) == np.inf
    assert np.isfinite(one.error(np.array([1e-3])))


def test_a_zero_eigenvalue_is_no_degree_of_freedom():
    with_zero = spectrum([4.0, 0.0], [3.0, 2.0])
    without = spectrum([4.0], [3.0], outside=4.0)
    alphas = np.array([0.0, 0.5, 20.0])
    np.testing.assert_allclose(
        with_zero.error(alphas), without.error(alphas), rtol=1e-14
    )


@pytest.mark.parametrize("floor", [0.0, 1e-8, 1e-3])
def test_grid(floor):
    one = spectrum([50.0, 3.0, 0.1, 0.0], np.ones(4))
    grid = one.alpha_grid(floor)
    assert (np.diff(grid) < 0).all()
    assert grid[-1] == pytest.approx(max(floor, 1e-11) * 50)
    assert np.sum(one.eigenvalues / (one.eigenvalues + grid[0])) < 0.1
    decades = np.log10(grid[0] / grid[-1])
    assert 3 * decades <= len(grid) <= 3 * decades + 1


def test_no_features_leave_one_penalty():
    assert spectrum([0.0, 0.0], [1.0, 1.0]).alpha_grid(1e-8) == [1.0]
    empty = spectrum([], np.empty((0, 2)))
    assert empty.alpha_grid(0.0) == [1.0]
    assert empty.shrink(np.ones(2)).shape == (0, 2)


def test_each_target_takes_the_best_of_the_grid():
    rng = np.random.default_rng(0)
    eigenvalues = np.geomspace(100, 0.01, 20)
    loadings = rng.standard_normal((20, 5)) + np.outer(
        np.sqrt(eigenvalues), [0, 1, 2, 5, 9]
    )
    many = spectrum(eigenvalues, loadings, outside=5.0, n_samples=40)
    grid = many.alpha_grid(0.0)
    errors = [
        [
            (5 + np.sum((c * a / (eigenvalues + a)) ** 2))
            / (40 - np.sum(eigenvalues / (eigenvalues + a))) ** 2
            for a in grid
        ]
        for c in loadings.T
    ]
    best = grid[np.argmin(errors, axis=1)]
    assert len(set(best)) > 2
    chosen, error = many.resolve_alpha("gcv", 0.0)
    # The largest of the penalties whose errors tie with the best.
    assert (chosen >= best).all()
    at_best = np.diag(many.error(best))
    assert (error >= at_best).all()
    assert (error <= 1.005 * at_best).all()
    np.testing.assert_array_equal(error, np.diag(many.error(chosen)))


def test_ties_go_to_the_larger_penalty():
    nothing_to_fit = spectrum([4.0, 1.0], [0.0, 0.0])
    alpha, _ = nothing_to_fit.resolve_alpha("gcv", 0.0)
    assert alpha == nothing_to_fit.alpha_grid(0.0)[0]


def test_given_penalties_are_taken():
    two = spectrum([4.0, 1.0], [[3.0, 1.0], [2.0, 1.0]])
    for given, expected in ((0.5, [0.5, 0.5]), (np.array([1, 2]), [1, 2])):
        alpha, error = two.resolve_alpha(given, 0.0)
        np.testing.assert_array_equal(alpha, expected)
        assert error is None


def test_shrink_by_hand():
    two = spectrum([4.0, 0.0], [[3.0, 1.0], [2.0, 1.0]])
    expected = [[3 / 5, 1 / 4], [0, 0]]
    np.testing.assert_allclose(two.shrink(np.array([1.0, 0.0])), expected)


def test_gcv_of_weights_and_of_merged_rows_by_hand():
    """RSS, with squares about merged targets, a unit of weight; freedom a row."""
    one = spectrum(
        [4.0, 1.0],
        [3.0, 2.0],
        outside=5.0,
        n_unpenalised=1,
    )
    one = replace(one, counts=Counts(20, 25.0, np.array([7.0])))
    expected = (5 + 9 / 25 + 1 + 7) / 25 / (1 - 2.3 / 20) ** 2
    assert one.error(np.array([1.0])) == pytest.approx(expected, rel=1e-14)


def test_leave_one_out_by_hand():
    """One column (1, 1) / sqrt(2) of length 2, targets (3, 1), alpha 4: residuals.

    The fit of (3, 1) is 4 / (4 + 4) of its mean 2, each leverage is 1 / 4.
    """
    left = np.full((2, 1), 0.5**0.5)
    targets = np.array([[3.0], [1.0]])
    rows = Rows(left, targets, np.full(2, 0.5))
    counts = Counts(4, 2.0, np.array([6.0]))
    one = Spectrum(np.array([4.0]), left.T @ targets, np.array([10.0]), 2, counts, 0)
    found = replace(one, rows=rows).error(np.array([4.0]))
    expected = (((3 - 1) / 0.75) ** 2 + ((1 - 1) / 0.75) ** 2 + 6) / 2
    np.testing.assert_allclose(found, [[expected]], rtol=1e-14)


def test_leave_one_out_of_single_rows_by_hand():
    """Places that tell nothing of each other: (2, -2), two rows each, 1 off their mean.

    One column (1, -1) / sqrt(2) of length 2, alpha 4: the fit is half of the targets
    and each leverage 1 / 4. A place left out is missed by 1 / (1 - 1/4), where nothing
    fitted would miss it by 2; with a smaller share told, rows alone are left out.
    """
    left = np.array([[0.5**0.5], [-(0.5**0.5)]])
    targets, alphas = np.array([[2.0], [-2.0]]), np.array([1e30, 4.0])
    rows = Rows(left, targets, np.full(2, 0.5))
    repeats = np.array([2.0, 2.0]), np.array([[2.0], [2.0]])
    counts = Counts(4, 4.0, np.array([4.0]), repeats)
    one = Spectrum(np.array([4.0]), left.T @ targets, np.array([8.0]), 2, counts, 0)
    found = replace(one, rows=rows).error(alphas)[:, 0]
    np.testing.assert_allclose(found, [(8 + 4) / 4, (2 / 0.75**2 + 4) / 4])
    noisy = replace(counts, within=np.array([4000.0]))
    alone = replace(one, rows=rows, counts=noisy).error(alphas)[:, 0]
    np.testing.assert_allclose(alone, [(8 + 4) / 4, (2 + 4) / (1 - 1 / 8) ** 2 / 4])


def test_leave_one_out_is_infinite_where_a_row_decides_its_own_fit():
    left = np.array([[1.0], [0.0]])
    rows = Rows(left, np.array([[3.0], [1.0]]), np.full(2, 0.5))
    counts = Counts(2, 2.0, np.zeros(1))
    one = Spectrum(np.array([4.0]), np.array([[3.0]]), np.array([10.0]), 2, counts, 0)
    found = replace(one, rows=rows).error(np.array([0.0, 1e-9, 4.0]))
    np.testing.assert_array_equal(np.isfinite(found[:, 0]), [False, False, True])


@pytest.mark.parametrize("criterion", ["gcv", "loo"])
def test_many_targets_are_scored_in_parts(criterion):
    """More than fit a block of residuals: each has the error that it has alone."""
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.standard_normal((30, 4)))[0]
    targets = rng.standard_normal((30, 700))
    eigenvalues, alphas = np.geomspace(0.1, 10, 4), np.array([3.0, 0.1])

    def error(some):
        counts, total = Counts(30, 30.0, np.zeros(some.shape[1])), (some**2).sum(axis=0)
        whole = Spectrum(eigenvalues, left.T @ some, total, 30, counts, 0)
        rows = Rows(left, some, np.full(30, 1 / 30)) if criterion == "loo" else None
        return replace(whole, rows=rows).error(alphas)

    together = error(targets)
    for k in (0, 255, 256, 257, 699):
        alone = error(targets[:, [k]])
        np.testing.assert_allclose(together[:, [k]], alone, rtol=1e-12)


def test_a_path_in_another_unit():
    path = Path(np.array([4.0, 2.0]), np.array([[1.0, 5.0], [3.0, 0.5]]), np.arange(2))
    np.testing.assert_array_equal(path.alpha, [4, 2])
    np.testing.assert_array_equal(path.error, [1, 0.5])
    other = path.in_unit(10.0, None)
    np.testing.assert_array_equal(other.alpha, [40, 20])
    np.testing.assert_array_equal(other.error, path.error)
    as_given = path.in_unit(0.1, np.array([0.4, 0.2]))
    np.testing.assert_array_equal(as_given.alpha, [0.4, 0.2])


@pytest.mark.parametrize("alpha", [0.0, 0.5, 30.0])
def test_noise_is_that_of_the_residuals_and_their_freedom(alpha):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
    moments = moments_of(Samples.of(X, Y))[0]
    centred = X - X.mean(axis=0)
    hat = 1 / 30 + centred @ np.linalg.solve(
        centred.T @ centred + alpha * np.eye(4), centred.T
    )
    rss = np.sum((Y - hat @ Y) ** 2, axis=0)
    found = moments.spectrum(1)[0].noise(np.full(2, alpha))
    np.testing.assert_allclose(found, np.sqrt(rss / (30 - np.trace(hat))), rtol=1e-10)


def test_no_freedom_has_infinite_noise():
    one = spectrum([4.0, 1.0], [3.0, 2.0], n_samples=3, n_unpenalised=1)
    assert one.noise(np.zeros(1)) == np.inf
    assert np.isfinite(one.noise(np.ones(1)))


def test_words_mean_leave_one_out_or_not():
    """ "loo" always and "gcv" never; "auto" up to so many rows a column."""
    assert settled("auto", 40, 10, 4.0) == "loo"
    assert settled("auto", 41, 10, 4.0) == "gcv"
    for n_samples in (2, 1000):
        for other in ("loo", "gcv", 0.3, np.array([0.1, 2.0])):
            assert settled(other, n_samples, 10, 4.0) is other


def test_penalties_change_units_with_the_weights():
    assert in_our_unit(6.0, 3.0) == 2.0
    np.testing.assert_array_equal(in_our_unit(np.array([6.0, 3.0]), 3.0), [2, 1])
    assert in_our_unit("loo", 3.0) == "loo"


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_what_is_not_finite_is_refused(bad):
    check_finite(np.ones(3), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"overflow.*not finite.*StandardScaler"):
        check_finite(np.ones(3), np.array([[1.0, bad]]))


def test_kernels_that_vanish_are_refused():
    for diagonal in (np.zeros(3), np.array([0, 1e-279]), np.array([-1.0, 0])):
        check_scale(diagonal)
    with pytest.raises(ValueError, match=r"at most 1e-290; it must be 0 or exceed"):
        check_scale(np.array([0.0, 1e-290]))


def test_rounding_level_scales():
    assert rounding_level(np.array([0.0, 1.0])) == 2 * 2.0**-52
    assert rounding_level(np.array([-3.0, -1.0])) == 0


@pytest.mark.parametrize("condition", [1e2, 1e12])
def test_cholesky_solves(condition):
    rng = np.random.default_rng(0)
    rotation = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    matrix = (rotation * np.geomspace(1, 1 / condition, 6)) @ rotation.T
    solved = linalg.cho_solve(cholesky_factor(matrix), matrix)
    np.testing.assert_allclose(solved, np.eye(6), atol=condition * 1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_cholesky_refuses_singular_matrices(seed):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((6, 5))
    with pytest.raises(linalg.LinAlgError):
        cholesky_factor(factor @ factor.T)
