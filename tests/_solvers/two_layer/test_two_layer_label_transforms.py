"""Labels of the first step against moments, Marchenko and Pastur, and simulation."""

import numpy as np
import pytest

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._label_transforms import (
    LABEL_KINDS,
    bulk_edge,
    choose_labels,
    linear_standout,
    quadratic_standout,
    standout_level,
    transformed_labels,
)
from sklearn_depth._solvers.two_layer._whitening import whitened


def equal(n):
    return np.full(n, 1 / n)


def samples_of(Z, weight=None):
    """Samples, whose targets labels do not look at."""
    return Samples.of(Z, np.empty((len(Z), 0)), weight)


def whitened_samples(Z):
    return samples_of(whitened(samples_of(Z)))


def heavy_tailed(seed=0):
    """A residual with outliers, and samples of whitened inputs."""
    rng = np.random.default_rng(seed)
    samples = whitened_samples(rng.standard_normal((4000, 3)))
    return rng.standard_t(2, (4000, 2)) * [1, 50], samples


def gaussian(link, n_samples, n_features, noise=0.0, seed=0):
    """A standardised target of the first column, and whitened Gaussian inputs."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    y = link(Z[:, 0])
    y = y + noise * y.std() * rng.standard_normal(n_samples)
    return ((y - y.mean()) / y.std())[:, None], whitened_samples(Z)


def he3(z):
    return z**3 - 3 * z


def test_labels_are_centred_and_linearly_empty():
    residual, samples = heavy_tailed()
    whole, *bounded = transformed_labels(residual, samples)
    np.testing.assert_allclose(np.mean(whole**2, axis=0), 1)
    for labels in bounded:
        np.testing.assert_allclose(labels.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(samples.X.T @ labels, 0, atol=1e-9)


def test_transforms_are_bounded():
    whole, clipped, distance = transformed_labels(*heavy_tailed())
    assert abs(whole).max() > 20
    assert abs(clipped).max() < 1.5
    assert abs(distance).max() < 2.5


def test_labels_do_not_depend_on_the_unit():
    residual, samples = heavy_tailed()
    np.testing.assert_allclose(
        transformed_labels(1e-6 * residual, samples),
        transformed_labels(residual, samples),
        atol=1e-10,
    )


def test_the_distance_forgets_signs_and_the_clipped_label_keeps_them():
    half = heavy_tailed()[0]
    residual = np.concatenate([half, -half, np.zeros((1, 2))])  # median 0
    nothing_linear = samples_of(np.zeros((8001, 1)))
    _, clipped, distance = transformed_labels(residual, nothing_linear)
    _, *back = transformed_labels(-residual, nothing_linear)
    np.testing.assert_allclose(back, [-clipped, distance], atol=1e-12)


def test_constant_residuals_stay_finite():
    Z = np.random.default_rng(0).standard_normal((50, 3))
    chosen = choose_labels(np.zeros((50, 1)), samples_of(Z), "auto")
    np.testing.assert_array_equal(chosen.labels, 0)
    assert chosen.standout == 0


def test_constant_inputs_show_nothing():
    samples = samples_of(np.full((50, 3), 0.1))
    y = np.random.default_rng(0).standard_normal((50, 1))
    assert choose_labels(y, samples, "auto").standout == 0
    assert linear_standout(whitened(samples), y, equal(50)) == 0


@pytest.mark.parametrize("aspect", [0.01, 0.3, 1, 4])
def test_the_edge_of_equal_weights_is_marchenko_and_pasturs(aspect):
    edge = (1 + np.sqrt(aspect)) ** 2
    assert bulk_edge(np.ones(5) / 5, 5 * aspect) == pytest.approx(edge, rel=1e-6)


def test_the_edge_is_a_minimum():
    weights = np.random.default_rng(0).standard_normal(200)
    levels = weights.max() + np.geomspace(1e-3, 1e2, 20_000)[:, None]
    values = levels[:, 0] * (40 + (weights / (levels - weights)).sum(axis=1))
    edge = bulk_edge(weights, 40)
    assert edge == pytest.approx(values.min(), rel=1e-5)


def test_the_edge_scales_and_has_a_sign():
    weights = np.random.default_rng(0).exponential(size=100)
    edge = bulk_edge(weights, 50)
    assert bulk_edge(7 * weights, 50) == pytest.approx(7 * edge)
    assert bulk_edge(-weights, 50) < edge
    assert bulk_edge(np.append(weights, 1e-90), 50) == pytest.approx(edge)
    assert bulk_edge(np.zeros(3), 2) == 0


@pytest.mark.parametrize(
    ("law", "below"),
    [("normal", 1.5), ("two values", 1.5), ("exponential", 1.5), ("t of 3", 3)],
)
@pytest.mark.parametrize(("n_samples", "n_features"), [(2000, 40), (400, 80)])
def test_the_spectrum_of_noise_ends_at_the_edge(law, below, n_samples, n_features):
    """Fresh Gaussians: the top eigenvalue is the edge to d^(-2/3), never far beyond."""
    rng = np.random.default_rng(0)
    labels = {
        "normal": rng.standard_normal(n_samples),
        "two values": rng.choice([-1.0, 1.0], n_samples),
        "exponential": rng.exponential(size=n_samples),
        "t of 3": rng.standard_t(3, n_samples),
    }[law]
    edge = bulk_edge(labels / n_samples, n_features)
    tops = []
    for _ in range(10):
        Z = rng.standard_normal((n_samples, n_features))
        tops.append(np.linalg.eigvalsh(Z.T @ (labels[:, None] * Z))[-1] / n_samples)
    unit = n_features ** (-2 / 3)
    assert -below * unit < np.median(tops) / edge - 1 < 0.5 * unit


@pytest.mark.parametrize("law", ["exponential", "few heavy", "one tiny"])
def test_noise_of_unequal_weights_ends_at_one(law):
    """A row of weight w is one direction, w times: its square counts w^2."""
    rng, n, d = np.random.default_rng(0), 1000, 100
    weight = {
        "exponential": rng.exponential(size=n),
        "few heavy": np.where(rng.random(n) < 0.9, 1.0, 20),
        "one tiny": np.append(np.ones(n - 1), 1e-120),
    }[law]
    quadratic, linear = [], []
    for _ in range(20):
        samples = samples_of(rng.standard_normal((n, d)), weight)
        y = rng.standard_normal((n, 1))
        y[-1] /= weight[-1] ** 0.5  # as Cauchy's loss weighs an outlier
        quadratic.append(quadratic_standout(samples.X, y, samples.share)[0])
        y[-1] = 0
        linear.append(linear_standout(samples.X, y, samples.share))
    assert 0.8 < np.median(quadratic) < 1.05
    assert np.median(linear) == pytest.approx(d / (d + 3 * np.sqrt(2 * d)), rel=0.15)


@pytest.mark.parametrize("n_features", [3, 20, 60])
def test_labels_of_noise_do_not_stand_out(n_features):
    """Of 60 draws of three kinds each, none to speak of passes the level."""
    rng, passed = np.random.default_rng(1), 0
    for _ in range(60):
        Z = rng.standard_t(5, (600, n_features))  # not only Gaussian inputs
        y = rng.standard_normal((600, 1))
        standout = choose_labels(y, samples_of(Z), "auto").standout
        passed += standout > standout_level(n_features)
    assert passed <= 2


@pytest.mark.parametrize(
    ("link", "seen", "unseen"),
    [
        (np.abs, {"identity", "clip", "distance"}, set()),
        (he3, {"distance"}, {"identity", "clip"}),
        (lambda z: z**4 - 6 * z**2, {"clip", "distance"}, set()),
        (lambda z: np.sign(z) * (np.abs(z) > 1), {"distance"}, {"identity", "clip"}),
    ],
)
def test_the_labels_that_show_a_direction_are_chosen(link, seen, unseen):
    """|z| by its own second coefficient, odd links by that of the distance alone."""
    chosen = choose_labels(*gaussian(link, 1500, 50), "auto")
    assert seen <= set(chosen.names)
    assert not unseen & set(chosen.names)
    assert chosen.labels.shape == (1500, len(chosen.names))
    assert chosen.standout > standout_level(50)


def test_where_nothing_stands_out_all_labels_serve():
    """cos(4 z) has a second Hermite coefficient of the size of e^-8."""
    given = gaussian(lambda z: np.cos(4 * z), 2000, 30, noise=0.3)
    chosen = choose_labels(*given, "auto")
    assert tuple(chosen.names) == LABEL_KINDS
    assert chosen.standout < standout_level(30)


@pytest.mark.parametrize("kind", LABEL_KINDS[1:])
def test_a_named_transform_is_taken_as_it_is(kind):
    chosen = choose_labels(*heavy_tailed(), kind)
    expected = transformed_labels(*heavy_tailed())[LABEL_KINDS.index(kind)]
    np.testing.assert_array_equal(chosen.labels, expected)
    assert chosen.names.tolist() == [kind]


def test_no_transform_leaves_the_residual_alone():
    residual, samples = heavy_tailed()
    chosen = choose_labels(residual, samples, None)
    np.testing.assert_array_equal(chosen.labels, residual)
    assert chosen.names.tolist() == ["identity"]


def test_standing_out_does_not_depend_on_units_or_turns():
    rng = np.random.default_rng(0)
    y, samples = gaussian(np.abs, 300, 6)
    turn = rng.standard_normal((6, 6))
    expected = quadratic_standout(samples.X, y, equal(300))
    turned = whitened_samples(samples.X @ turn + 5).X
    np.testing.assert_allclose(
        quadratic_standout(turned, 3 * y, equal(300)), expected, rtol=1e-6
    )


@pytest.mark.parametrize("unit", [1e-200, 0.01, 7.0, 1e200])
def test_the_unit_of_the_weights_does_not_matter(unit):
    """Noise of n rows ends where it does for n rows, whatever their weights sum to."""
    rng = np.random.default_rng(0)
    y, samples = gaussian(np.abs, 300, 6)
    weight = rng.uniform(0.5, 2, 300)
    one, other = (
        choose_labels(y, samples_of(samples.X, c * weight), "auto") for c in (1, unit)
    )
    assert one.standout == pytest.approx(other.standout, rel=1e-9)
    np.testing.assert_allclose(one.labels, other.labels, atol=1e-9)


def test_a_weight_of_two_is_a_row_given_twice():
    """Rows given twice are merged before: their labels then are the same."""
    rng = np.random.default_rng(0)
    Z, y = rng.standard_normal((80, 4)), rng.standard_normal((80, 1))
    times = rng.integers(1, 4, 80)
    rows = np.repeat(np.arange(80), times)
    repeated = Samples.of(Z[rows], y[rows]).merged()
    weighted = Samples.of(Z, y, times.astype(float))
    one, other = (choose_labels(s.targets, s, "auto") for s in (weighted, repeated))
    assert one.standout == pytest.approx(other.standout, rel=1e-9)
    np.testing.assert_allclose(one.labels, other.labels, atol=1e-9)


def test_labels_and_moments_weigh_as_they_repeat():
    rng = np.random.default_rng(0)
    Z, y = rng.standard_normal((80, 4)), rng.standard_normal((80, 2))
    times = rng.integers(1, 4, 80)
    rows = np.repeat(np.arange(80), times)
    once = transformed_labels(y, samples_of(Z, times.astype(float)))
    again = transformed_labels(y[rows], samples_of(Z[rows]))
    np.testing.assert_allclose(once[:, rows], again, atol=1e-12)


def test_linear_moments_of_noise_end_at_one():
    rng = np.random.default_rng(0)
    found = [
        linear_standout(
            whitened_samples(rng.standard_normal((300, 20))).X,
            rng.standard_normal((300, 1)),
            equal(300),
        )
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(20 / (20 + 3 * np.sqrt(40)), rel=0.05)
    assert np.mean(np.array(found) > 1) < 0.05


def test_a_linear_target_stands_out():
    y, samples = gaussian(lambda z: z, 300, 20, noise=2.0)
    r2 = np.corrcoef(samples.X[:, 0], y[:, 0])[0, 1] ** 2
    found = linear_standout(samples.X, y, equal(300))
    assert found > max(1, 300 * r2 / (20 + 3 * np.sqrt(40)))
