"""Directions against direct formulas, closed forms under normal inputs, identities."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, norm
from sklearn.covariance import oas
from sklearn.preprocessing import StandardScaler

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.directions._gradients import laplace_gradients
from sklearn_depth._solvers.directions._whitened import Slices, whiten
from sklearn_depth.directions import (
    DirectionalRegression,
    GradientOuterProduct,
    PrincipalHessianDirections,
    SlicedAverageVariance,
    SlicedInverseRegression,
)
from sklearn_depth.metrics import subspace_alignment_score

SLICED = [SlicedInverseRegression, SlicedAverageVariance, DirectionalRegression]
FINDERS = [*SLICED, PrincipalHessianDirections, GradientOuterProduct]
each_sliced = pytest.mark.parametrize("make", SLICED)
each_finder = pytest.mark.parametrize("make", FINDERS)

rng = np.random.default_rng(0)
MIX = rng.standard_normal((4, 4))
X = rng.standard_normal((300, 4)) @ MIX + 3
y = X[:, 0] + (X[:, 1] - 3) ** 2 + 0.1 * rng.standard_normal(300)
weight = rng.integers(1, 4, 300).astype(float)


def inverse_root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(values**-0.5) @ vectors.T


def whitened(X):
    """Centred rows times the inverse root of their covariance, and that root."""
    root = inverse_root(np.cov(X.T, bias=True))
    return (X - X.mean(axis=0)) @ root, root


def moments_of_slices(z, y, n_slices):
    """Shares, means and mean products of so many equal parts of the sorted rows."""
    parts = np.array_split(z[np.argsort(y)], n_slices)
    assert len({len(part) for part in parts}) == 1
    means = [part.mean(axis=0) for part in parts]
    seconds = [part.T @ part / len(part) for part in parts]
    return zip(means, seconds, strict=True)


def formula(make, z, y, n_slices=10):
    """The matrix of each method as its paper writes it."""
    identity, n_features = np.eye(z.shape[1]), z.shape[1]
    if make is PrincipalHessianDirections:
        design = np.column_stack([np.ones(len(z)), z])
        residual = y - design @ np.linalg.lstsq(design, y)[0]
        return np.einsum("i,ij,ik", residual / y.std(), z, z) / len(z)
    slices = list(moments_of_slices(z, y, n_slices))
    if make is SlicedInverseRegression:
        return sum(np.outer(m, m) for m, _ in slices) / n_slices
    if make is SlicedAverageVariance:
        gaps = [identity - v + np.outer(m, m) for m, v in slices]
        return sum(gap @ gap for gap in gaps) / n_slices
    total = np.zeros((n_features, n_features))
    for m, v in slices:  # E over pairs of slices, Li and Wang's equation (4)
        for m2, v2 in slices:
            pair = v + v2 - np.outer(m, m2) - np.outer(m2, m)
            total += (2 * identity - pair) @ (2 * identity - pair)
    return total / n_slices**2


@pytest.mark.parametrize("make", FINDERS[:-1])
def test_the_formula_of_each_paper(make):
    z, root = whitened(X)
    values, vectors = np.linalg.eigh(formula(make, z, y))
    order = np.argsort(-np.abs(values))
    found = make(2).fit(X, y)
    np.testing.assert_allclose(found.eigenvalues_, np.abs(values[order]), atol=1e-12)
    expected = (root @ vectors[:, order[:2]]).T
    signs = np.sign(np.sum(expected * found.components_, axis=1))
    np.testing.assert_allclose(found.components_, signs[:, None] * expected, atol=1e-9)
    np.testing.assert_allclose(
        found.transform(X), (X - X.mean(axis=0)) @ found.components_.T, atol=1e-9
    )


@each_finder
def test_features_are_standardised_and_components_positive(make):
    found = make(3).fit(X, y, sample_weight=weight)
    features = found.transform(X)
    np.testing.assert_allclose(
        np.average(features, axis=0, weights=weight), 0, atol=1e-12
    )
    covariance = np.cov(features.T, aweights=weight, bias=True)
    np.testing.assert_allclose(covariance, np.eye(3), atol=1e-12)
    largest = np.abs(found.components_).argmax(axis=1)
    assert (found.components_[range(3), largest] > 0).all()
    assert (np.diff(found.eigenvalues_) <= 0).all()
    assert found.eigenvalues_.shape == (4,)


def cut_moments(n_slices, inside):
    """E[z; slice] and E[z^2; slice], over shares, where |z| or z is in a slice."""
    cuts = norm.ppf(np.linspace(0, 1, n_slices + 1))
    if inside:
        cuts = norm.ppf(np.linspace(0.5, 1, n_slices + 1))
    density, at = norm.pdf(cuts), np.where(np.isfinite(cuts), cuts, 0)
    factor = n_slices * (2 if inside else 1)
    firsts = -factor * np.diff(density) * (not inside)
    return firsts, 1 - factor * np.diff(at * density)


def eigenvalues_of(make, firsts, seconds):
    """The eigenvalue of the one direction, from moments of slices of equal share."""
    if make is SlicedInverseRegression:
        return np.mean(firsts**2)
    if make is SlicedAverageVariance:
        return np.mean((1 - seconds + firsts**2) ** 2)
    return 2 * np.mean(seconds**2) - 2 + 4 * np.mean(firsts**2) ** 2


def he3_moments(n_slices):
    """By quadrature on the level sets of z^3 - 3 z, slices by its quantiles."""
    z = norm.ppf((np.arange(2_000_000) + 0.5) / 2_000_000)
    parts = np.split(z[np.argsort(z**3 - 3 * z)], n_slices)
    return tuple(np.array([np.mean(part**k) for part in parts]) for k in (1, 2))


LINKS = {"z": np.array, "square": np.square, "he3": lambda z: z**3 - 3 * z}


@each_sliced
@pytest.mark.parametrize("link", LINKS)
def test_population_eigenvalues_of_links(make, link):
    """One direction among three, from 200 000 normal rows."""
    moments = {
        "z": lambda: cut_moments(8, inside=False),
        "square": lambda: cut_moments(8, inside=True),
        "he3": lambda: he3_moments(8),
    }[link]()
    Z = np.random.default_rng(1).standard_normal((200_000, 3))
    found = make(1, n_slices=8).fit(Z, LINKS[link](Z[:, 1]))
    expected = eigenvalues_of(make, *moments)
    assert found.eigenvalues_[0] == pytest.approx(expected, rel=0.03, abs=1e-3)
    np.testing.assert_allclose(found.eigenvalues_[1:], 0, atol=2e-3)
    if link != "square" or make is not SlicedInverseRegression:
        assert expected > 0.2
        score = subspace_alignment_score([[0, 1, 0]], found.components_)
        assert score > 0.999
    else:
        assert expected == 0


@pytest.mark.parametrize(
    ("link", "expected"),
    [(np.square, np.sqrt(2)), (np.tanh, 0), (np.abs, None), (np.exp, None)],
)
def test_population_hessians(link, expected):
    """E[(y - slope z) (z^2 - 1)] over the deviation of y."""

    def mean(function):
        return quad(lambda z: function(z) * norm.pdf(z), -12, 12, points=[0])[0]

    deviation = np.sqrt(mean(lambda z: link(z) ** 2) - mean(link) ** 2)
    curvature = mean(lambda z: link(z) * (z**2 - 1)) / deviation
    if expected is not None:
        assert curvature == pytest.approx(expected, abs=1e-12)
    Z = np.random.default_rng(2).standard_normal((200_000, 3))
    found = PrincipalHessianDirections().fit(Z, link(Z[:, 0]))
    assert found.eigenvalues_[0] == pytest.approx(abs(curvature), abs=0.03)


def test_gradients_are_those_of_the_kernel_regression():
    """By central differences of the fit, of two targets under a metric."""
    Z, targets = X[:60, :3], np.column_stack([y[:60], np.sin(y[:60])])
    root = np.random.default_rng(3).standard_normal((3, 3))
    metric, length, alpha = root @ root.T, 2.0, 0.1

    def kernel(A):
        gaps = A[:, None] - Z
        return np.exp(
            -np.sqrt(np.einsum("ijk,kl,ijl->ij", gaps, metric, gaps)) / length
        )

    ones, gram = np.ones(60), kernel(Z)
    system = np.block([[gram + alpha * np.eye(60), ones[:, None]], [ones, 0]])
    solution = np.linalg.solve(system, np.vstack([targets, [0, 0]]))
    found = laplace_gradients(Samples.of(Z, targets), metric, length, alpha)
    assert found.shape == (2, 60, 3)
    step = 1e-6
    for i, k in [(0, 0), (7, 1), (31, 2)]:
        others = np.delete(np.arange(60), i)  # its own term has a kink there
        up, down = (
            (kernel(Z[[i]] + side * step * np.eye(3)[k])[0, others] @ solution[others])
            for side in (1, -1)
        )
        np.testing.assert_allclose(found[:, i, k], (up - down) / (2 * step), atol=1e-6)


def test_the_gradients_of_a_plane_are_its_slope():
    """With the least penalty and a long kernel the fit is the plane itself."""
    Z = np.random.default_rng(4).standard_normal((400, 3))
    slope = np.array([0.6, 0.8, 0])
    found = GradientOuterProduct(n_iter=1, bandwidth=10.0).fit(Z, Z @ slope)
    assert found.eigenvalues_[0] == pytest.approx(1, abs=0.02)
    assert found.eigenvalues_[1] < 0.01
    assert subspace_alignment_score([slope], found.components_) > 0.999


@pytest.mark.parametrize("link", ["z", "square", "he3"])
def test_gradients_sharpen_with_their_own_metric(link):
    Z = np.random.default_rng(5).standard_normal((300, 8))
    scores = [
        subspace_alignment_score(
            np.eye(8)[:1],
            GradientOuterProduct(1, n_iter=n_iter)
            .fit(Z, LINKS[link](Z[:, 0]))
            .components_,
        )
        for n_iter in (1, 5)
    ]
    assert scores[0] < scores[1]
    assert scores[1] > 0.999


@each_finder
def test_affine_maps_of_x_and_y_change_nothing(make):
    turn, shift = np.random.default_rng(6).standard_normal((4, 4)), 100.0
    before = make().fit(X, y)
    after = make().fit(X @ turn + shift, 1000 * y - 7)
    np.testing.assert_allclose(after.eigenvalues_, before.eigenvalues_, atol=1e-8)
    features, turned = before.transform(X), after.transform(X @ turn + shift)
    signs = np.sign(np.sum(features * turned, axis=0))
    np.testing.assert_allclose(turned, signs * features, atol=1e-6)


@each_sliced
def test_slices_see_the_order_of_y_alone(make):
    before, after = make().fit(X, y), make().fit(X, np.exp(y / 10))
    np.testing.assert_array_equal(before.components_, after.components_)


@each_finder
def test_weights_are_repetition_whatever_their_unit(make):
    times = weight.astype(int)
    repeated = make().fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    for unit in (1.0, 1e-3):
        weighted = make().fit(X, y, sample_weight=unit * weight)
        np.testing.assert_allclose(
            weighted.components_, repeated.components_, atol=1e-8
        )
        if make is not GradientOuterProduct:
            np.testing.assert_allclose(
                weighted.p_values_, repeated.p_values_, atol=1e-8
            )


def test_slices_have_equal_weight_and_hold_equal_targets_together():
    white = whiten(Samples.of(X, np.round(y, 1), weight))
    slices = Slices.of(white, white.samples.targets[:, 0], 10)
    assert len(slices) == 10
    assert slices.share.sum() == pytest.approx(1)
    assert np.ptp(slices.share) < 0.03
    for value in np.unique(white.samples.targets):
        assert len(np.unique(slices.labels[white.samples.targets[:, 0] == value])) == 1
    np.testing.assert_allclose(slices.share @ slices.means, 0, atol=1e-12)
    total = np.tensordot(slices.share, list(slices.seconds()), 1)
    np.testing.assert_allclose(total, np.eye(4), atol=1e-12)


def test_no_more_slices_than_asked_for():
    """A value of hardly any weight at the end is in the last one."""
    tiny = np.append(np.ones(299), 1e-10)
    white = whiten(Samples.of(X, np.sort(y), tiny))
    assert len(Slices.of(white, white.samples.targets[:, 0], 10)) == 10


def test_classes_are_slices():
    labels = np.digitize(y, np.quantile(y, [0.1, 0.5]))
    white = whiten(Samples.of(X, labels.astype(float)))
    slices = Slices.of(white, white.samples.targets[:, 0], 10)
    np.testing.assert_array_equal(slices.labels, labels)
    np.testing.assert_allclose(slices.share, [0.1, 0.4, 0.5])


def test_the_matrices_of_targets_are_averaged():
    Y = np.column_stack([y, X[:, 2]])
    for make in SLICED:
        each = [np.trace(formula(make, whitened(X)[0], target)) for target in Y.T]
        found = make(1).fit(X, Y).eigenvalues_.sum()
        assert found == pytest.approx(np.mean(each))
    squares = [
        np.sum(formula(PrincipalHessianDirections, whitened(X)[0], target) ** 2)
        for target in Y.T
    ]
    found = PrincipalHessianDirections(1).fit(X, Y).eigenvalues_
    assert np.sum(found**2) == pytest.approx(np.mean(squares))
    doubled = GradientOuterProduct().fit(X, np.column_stack([y, 5 * y]))
    np.testing.assert_allclose(
        doubled.eigenvalues_, GradientOuterProduct().fit(X, y).eigenvalues_, atol=1e-9
    )


def test_a_constant_target_among_others_says_nothing():
    Y = np.column_stack([y, np.full(300, 3.0)])
    for make in FINDERS:
        np.testing.assert_allclose(
            make().fit(X, Y).components_, make().fit(X, y).components_, atol=1e-10
        )


def test_p_values_of_sliced_inverse_regression():
    """Li's statistic, from the eigenvalues."""
    found = SlicedInverseRegression().fit(X, y)
    sums = 300 * np.cumsum(found.eigenvalues_[::-1])[::-1]
    for k, p_value in enumerate(found.p_values_):
        expected = chi2.sf(sums[k], (4 - k) * (10 - 1 - k))
        assert p_value == pytest.approx(expected, rel=1e-6)


def test_p_values_of_hessians():
    found = PrincipalHessianDirections().fit(X, y)
    Z = StandardScaler().fit_transform(X)
    design = np.column_stack([np.ones(300), Z])
    residual = (y - design @ np.linalg.lstsq(design, y)[0]) / y.std()
    squares = 300 * np.cumsum(found.eigenvalues_[::-1] ** 2)[::-1]
    for k, p_value in enumerate(found.p_values_):
        freedom = (4 - k) * (4 - k + 1) / 2
        expected = chi2.sf(squares[k] / (2 * residual.var()), freedom)
        assert p_value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("make", FINDERS[:-1])
def test_noise_is_found_at_the_level_of_the_test(make):
    """80 draws at level 0.05: 12 or more have a chance of 1e-3; none, 0.02."""
    found = 0
    for seed in range(80):
        draws = np.random.default_rng(seed).standard_normal((600, 6))
        found += make().fit(draws[:, :5], draws[:, 5]).p_values_[0] < 0.05
    assert 0 < found < 12


@pytest.mark.parametrize("make", [SlicedAverageVariance, DirectionalRegression])
def test_two_directions_are_counted(make):
    counts = []
    for seed in range(20):
        Z = np.random.default_rng(seed).standard_normal((2000, 6))
        target = Z[:, 0] ** 2 - 2 * Z[:, 1] ** 2
        counts.append(len(make().fit(Z, target).components_))
    assert counts.count(2) >= 16


def test_the_gap_counts_directions_of_gradients():
    Z = np.random.default_rng(7).standard_normal((600, 8))
    found = GradientOuterProduct().fit(Z, Z[:, 0] + Z[:, 1] ** 2)
    assert len(found.components_) == 2
    assert subspace_alignment_score(np.eye(8)[:2], found.components_) > 0.99


@pytest.mark.parametrize("n_features", [2, 3, 4])
def test_the_gap_counts_two_directions_of_few_columns(n_features):
    Z = np.random.default_rng(7).standard_normal((400, n_features))
    for target, expected in [(Z[:, 0] + Z[:, 1] ** 2, 2), (np.abs(Z[:, 0]), 1)]:
        found = GradientOuterProduct().fit(Z, target)
        assert len(found.components_) == expected


@each_finder
def test_a_column_that_others_add_up_to_has_no_direction(make):
    copied = np.column_stack([X, X[:, 0] + X[:, 1], np.ones(300), 1e-9 * X[:, 2]])
    before, after = make(2).fit(X, y), make(2).fit(copied, y)
    np.testing.assert_allclose(after.eigenvalues_, before.eigenvalues_, atol=1e-6)
    np.testing.assert_allclose(
        np.abs(after.transform(copied)), np.abs(before.transform(X)), atol=1e-5
    )
    with pytest.raises(ValueError, match=r"n_directions=5, but .* at most 4"):
        make(5).fit(copied, y)


@each_finder
def test_more_columns_than_rows(make):
    """A strong trend is seen all the same, in any unit."""
    Z = np.random.default_rng(8).standard_normal((60, 100))
    target = Z @ np.ones(100)
    before, after = make(1).fit(Z, target), make(1).fit(3 * Z, target)
    assert np.isfinite(before.components_).all()
    np.testing.assert_allclose(3 * after.components_, before.components_, rtol=1e-6)
    if make is SlicedInverseRegression:
        score = subspace_alignment_score(np.ones((1, 100)), before.components_)
        assert score > 0.1  # of a random direction 0.01


def test_the_covariance_of_few_rows_is_shrunk_by_oracle_approximation():
    Z = np.random.default_rng(10).standard_normal((60, 40)) * np.arange(1, 41)
    white = whiten(Samples.of(Z, Z[:, 0]))
    rows = StandardScaler().fit_transform(Z)
    turned = white.basis * Z.std(axis=0)[:, None]
    shrunk = turned.T @ oas(rows, assume_centered=True)[0] @ turned
    np.testing.assert_allclose(shrunk, np.eye(40), atol=1e-12)
    np.testing.assert_allclose(
        np.cov(white.z.T, bias=True), white.covariance, atol=1e-12
    )
    assert white.variances.max() > 1 > white.variances.min()


def test_rounding_is_no_direction():
    """In single precision columns add up to another but for their rounding."""
    rows = (np.column_stack([X, X[:, 0] + X[:, 1]]) + 1e4).astype("f4")
    before, after = (SlicedInverseRegression().fit(part, y) for part in (X, rows))
    assert after.eigenvalues_.shape == (4,)
    np.testing.assert_allclose(after.eigenvalues_, before.eigenvalues_, atol=1e-3)


def test_a_trend_along_the_first_axis_leaves_hessians_alone():
    """It is taken off whole, however few the rows."""
    draws = np.random.default_rng(9)
    Z = draws.standard_normal((60, 1)) + 0.5 * draws.standard_normal((60, 100))
    rows = StandardScaler().fit_transform(Z)
    trend = np.linalg.svd(rows, full_matrices=False)[0][:, 0]
    target = trend**2 + 0.01 * draws.standard_normal(60)
    before, after = (
        PrincipalHessianDirections(1).fit(Z, one).eigenvalues_ * one.std()
        for one in (target, target + 5 * trend)
    )
    np.testing.assert_allclose(after, before, rtol=1e-9)


@pytest.mark.parametrize("make", FINDERS[3:])
def test_advice_names_parameters_that_there_are(make):
    with pytest.raises(ValueError, match=r"at most 4 .* X has rank 4\. Lower") as error:
        make(5).fit(X, y)
    assert "n_slices" not in str(error.value)


@each_finder
def test_what_has_no_direction_is_refused(make):
    with pytest.raises(ValueError, match="y is constant"):
        make().fit(X, np.ones(300))
    with pytest.raises(ValueError, match="All features of X are constant"):
        make().fit(np.ones((300, 2)), y)


def test_slices_limit_inverse_regression():
    binary = (y > np.median(y)).astype(float)
    assert SlicedInverseRegression().fit(X, binary).components_.shape == (1, 4)
    with pytest.raises(ValueError, match="at most 1 direction"):
        SlicedInverseRegression(2).fit(X, binary)
    assert SlicedInverseRegression(2).fit(X, np.eye(4)[np.arange(300) % 4]) is not None


def test_a_constant_fit_has_no_gradient():
    with pytest.raises(ValueError, match="alpha=1e\\+300 is constant"):
        GradientOuterProduct(alpha=1e300).fit(X, y)


@each_finder
def test_single_precision_is_kept(make):
    single, double = make(2).fit(X.astype("f4"), y.astype("f4")), make(2).fit(X, y)
    assert single.components_.dtype == single.transform(X.astype("f4")).dtype == "f4"
    np.testing.assert_allclose(
        single.transform(X.astype("f4")), double.transform(X), atol=0.02
    )
