"""Labels of the first step against moments, Marchenko and Pastur, and simulation."""

import numpy as np
import pytest

from sklearn_depth._solvers._labels import (
    LABEL_KINDS,
    bulk_edge,
    choose_labels,
    linear_standout,
    quadratic_standout,
    standout_level,
    transformed_labels,
)
from sklearn_depth._solvers._whitening import whitened


def equal(n):
    return np.full(n, 1 / n)


def heavy_tailed(seed=0):
    """A residual with outliers, whitened inputs and equal shares."""
    rng = np.random.default_rng(seed)
    Z = whitened(rng.standard_normal((4000, 3)), equal(4000))
    return rng.standard_t(2, (4000, 2)) * [1, 50], Z, equal(4000)


def gaussian(link, n_samples, n_features, noise=0.0, seed=0):
    """Whitened Gaussian inputs and a standardised target of the first column."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n_samples, n_features))
    y = link(Z[:, 0])
    y = y + noise * y.std() * rng.standard_normal(n_samples)
    return whitened(Z, equal(n_samples)), ((y - y.mean()) / y.std())[:, None]


def he3(z):
    return z**3 - 3 * z


def test_labels_are_centred_and_linearly_empty():
    residual, Z, share = heavy_tailed()
    whole, *bounded = transformed_labels(residual, Z, share)
    np.testing.assert_allclose(share @ whole**2, 1)
    for labels in bounded:
        np.testing.assert_allclose(labels.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(Z.T @ labels, 0, atol=1e-9)


def test_transforms_are_bounded():
    whole, clipped, distance = transformed_labels(*heavy_tailed())
    assert abs(whole).max() > 20
    assert abs(clipped).max() < 1.5
    assert abs(distance).max() < 2.5


def test_labels_do_not_depend_on_the_unit():
    residual, Z, share = heavy_tailed()
    np.testing.assert_allclose(
        transformed_labels(1e-6 * residual, Z, share),
        transformed_labels(residual, Z, share),
        atol=1e-10,
    )


def test_the_distance_forgets_signs_and_the_clipped_label_keeps_them():
    half = heavy_tailed()[0]
    residual = np.concatenate([half, -half, np.zeros((1, 2))])  # median 0
    nothing_linear = np.zeros((8001, 1))
    _, clipped, distance = transformed_labels(residual, nothing_linear, equal(8001))
    _, *back = transformed_labels(-residual, nothing_linear, equal(8001))
    np.testing.assert_allclose(back, [-clipped, distance], atol=1e-12)


def test_constant_residuals_stay_finite():
    Z = np.random.default_rng(0).standard_normal((50, 3))
    chosen = choose_labels(np.zeros((50, 1)), Z, equal(50), 50, "auto")
    np.testing.assert_array_equal(chosen.labels, 0)
    assert chosen.standout == 0


def test_constant_inputs_show_nothing():
    Z, y = np.full((50, 3), 0.1), np.random.default_rng(0).standard_normal((50, 1))
    assert choose_labels(y, Z, equal(50), 50, "auto").standout == 0
    assert linear_standout(whitened(Z, equal(50)), y, equal(50), 50) == 0


@pytest.mark.parametrize("aspect", [0.01, 0.3, 1, 4])
def test_the_edge_of_equal_weights_is_marchenko_and_pasturs(aspect):
    edge = (1 + np.sqrt(aspect)) ** 2
    assert bulk_edge(np.ones(5), equal(5), aspect) == pytest.approx(edge, rel=1e-6)


def test_the_edge_is_a_minimum():
    rng = np.random.default_rng(0)
    weights, share = rng.standard_normal(200), rng.dirichlet(np.ones(200))
    levels = weights.max() + np.geomspace(1e-3, 1e2, 20_000)[:, None]
    values = levels[:, 0] * (0.2 + weights / (levels - weights) @ share)
    edge = bulk_edge(weights, share, 0.2)
    assert edge == pytest.approx(values.min(), rel=1e-5)


def test_the_edge_scales_and_has_a_sign():
    weights = np.random.default_rng(0).exponential(size=100)
    edge = bulk_edge(weights, equal(100), 0.5)
    assert bulk_edge(7 * weights, equal(100), 0.5) == pytest.approx(7 * edge)
    assert bulk_edge(-weights, equal(100), 0.5) < edge
    assert bulk_edge(np.zeros(3), equal(3), 0.5) == 0


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
    edge = bulk_edge(labels, equal(n_samples), n_features / n_samples)
    tops = []
    for _ in range(10):
        Z = rng.standard_normal((n_samples, n_features))
        tops.append(np.linalg.eigvalsh(Z.T @ (labels[:, None] * Z))[-1] / n_samples)
    unit = n_features ** (-2 / 3)
    assert -below * unit < np.median(tops) / edge - 1 < 0.5 * unit


@pytest.mark.parametrize("n_features", [3, 20, 60])
def test_labels_of_noise_do_not_stand_out(n_features):
    """Of 60 draws of three kinds each, none to speak of passes the level."""
    rng, passed = np.random.default_rng(1), 0
    for _ in range(60):
        Z = rng.standard_t(5, (600, n_features))  # not only Gaussian inputs
        y = rng.standard_normal((600, 1))
        standout = choose_labels(y, Z, equal(600), 600, "auto").standout
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
    Z, y = gaussian(link, 1500, 50)
    chosen = choose_labels(y, Z, equal(1500), 1500, "auto")
    assert seen <= set(chosen.names)
    assert not unseen & set(chosen.names)
    assert chosen.labels.shape == (1500, len(chosen.names))
    assert chosen.standout > standout_level(50)


def test_where_nothing_stands_out_all_labels_serve():
    """cos(4 z) has a second Hermite coefficient of the size of e^-8."""
    Z, y = gaussian(lambda z: np.cos(4 * z), 2000, 30, noise=0.3)
    chosen = choose_labels(y, Z, equal(2000), 2000, "auto")
    assert tuple(chosen.names) == LABEL_KINDS
    assert chosen.standout < standout_level(30)


@pytest.mark.parametrize("kind", LABEL_KINDS[1:])
def test_a_named_transform_is_taken_as_it_is(kind):
    residual, Z, share = heavy_tailed()
    chosen = choose_labels(residual, Z, share, 4000, kind)
    expected = transformed_labels(residual, Z, share)[LABEL_KINDS.index(kind)]
    np.testing.assert_array_equal(chosen.labels, expected)
    assert chosen.names.tolist() == [kind]


def test_no_transform_leaves_the_residual_alone():
    residual, Z, share = heavy_tailed()
    chosen = choose_labels(residual, Z, share, 4000, None)
    np.testing.assert_array_equal(chosen.labels, residual)
    assert chosen.names.tolist() == ["identity"]


def test_standing_out_does_not_depend_on_units_or_turns():
    rng = np.random.default_rng(0)
    Z, y = gaussian(np.abs, 300, 6)
    turn = rng.standard_normal((6, 6))
    expected = quadratic_standout(Z, y, equal(300), 300)
    turned = whitened(Z @ turn + 5, equal(300))
    np.testing.assert_allclose(
        quadratic_standout(turned, 3 * y, equal(300), 300), expected, rtol=1e-6
    )


def test_weights_are_repetition():
    rng = np.random.default_rng(0)
    Z, y = rng.standard_normal((80, 4)), rng.standard_normal((80, 1))
    times = rng.integers(0, 4, 80)
    n = times.sum()
    once = choose_labels(y, Z, times / n, n, "auto")
    again = choose_labels(
        np.repeat(y, times, axis=0), np.repeat(Z, times, axis=0), equal(n), n, "auto"
    )
    assert once.standout == pytest.approx(again.standout, rel=1e-9)


def test_linear_moments_of_noise_end_at_one():
    rng = np.random.default_rng(0)
    found = [
        linear_standout(
            whitened(rng.standard_normal((300, 20)), equal(300)),
            rng.standard_normal((300, 1)),
            equal(300),
            300,
        )
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(20 / (20 + 3 * np.sqrt(40)), rel=0.05)
    assert np.mean(np.array(found) > 1) < 0.05


def test_a_linear_target_stands_out():
    Z, y = gaussian(lambda z: z, 300, 20, noise=2.0)
    r2 = np.corrcoef(Z[:, 0], y[:, 0])[0, 1] ** 2
    found = linear_standout(Z, y, equal(300), 300)
    assert found > max(1, 300 * r2 / (20 + 3 * np.sqrt(40)))
