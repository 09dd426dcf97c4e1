"""Explicit networks for functions of the norm: as weights, and by their errors."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sklearn_depth._math._spheres import orthonormal_rows
from sklearn_depth.constructions import RadialNetwork, approximate_radial
from sklearn_depth.datasets import sample_radial


def sine(r):
    return np.sin(3 * r)


def kink(r):
    return np.abs(r - 1)


def two_shells(n_samples, rng):
    return rng.choice([3.0, 5.0, 8.0], n_samples)


def approximate(profile=sine, n_features=5, **parameters):
    given = {"random_state": 0, "n_knots": 20} | parameters
    if "tol" not in given:
        given = {"width": 4000} | given
    return approximate_radial(profile, n_features, **given)


def measured(network, profile, n_features, **law):
    """Root mean square and largest error on data of its own."""
    X = sample_radial(20_000, n_features, random_state=99, **law)
    errors = np.abs(network(X) - profile(np.linalg.norm(X, axis=1)))
    return np.sqrt(np.mean(errors**2)), errors.max()


CONSTRUCTIONS = {
    "hinge": {"construction": "hinge"},
    "polynomial": {"construction": "polynomial", "degree": 3},
}


def typical_error(n_repeats=4, **parameters):
    """Root mean square over draws of the directions, measured and expected."""
    drawn = [approximate(random_state=seed, **parameters) for seed in range(n_repeats)]
    squares = np.mean([network.l2_error**2 for network in drawn])
    return np.sqrt(squares), drawn[0].expected_error


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
@pytest.mark.parametrize("n_features", [1, 2, 7])
def test_it_is_a_network_of_one_hidden_layer(construction, n_features):
    network = approximate(
        n_features=n_features, width=1600, **CONSTRUCTIONS[construction]
    )
    W, b, a = network.as_network()
    assert W.shape == (network.width + 1, n_features)
    assert network.width <= 1600
    np.testing.assert_array_equal(W[-1], 0)
    assert b[-1] == 1
    X = np.random.default_rng(0).standard_normal((200, n_features))
    X[0] = 0
    np.testing.assert_allclose(
        network(X), np.maximum(X @ W.T + b, 0) @ a, rtol=1e-10, atol=1e-10
    )


def test_many_rows_and_directions_go_in_blocks():
    network = approximate(n_features=2, n_knots=2, width=4 * 4200)
    W, b, a = network.as_network()
    X = np.random.default_rng(0).standard_normal((550, 2))
    np.testing.assert_allclose(network(X), np.maximum(X @ W.T + b, 0) @ a, atol=1e-12)


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_errors_are_those_of_fresh_data(construction):
    network = approximate(kink, 10, **CONSTRUCTIONS[construction])
    l2, largest = measured(network, kink, 10, law="uniform", scale=10**-0.5)
    assert network.l2_error == pytest.approx(l2, rel=0.1)
    assert network.sup_error == pytest.approx(largest, rel=0.4)


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_features": 5},
        {"n_features": 20},
        {"n_features": 20, "profile": kink},
        {"n_features": 300, "width": 40 * 100},  # less than a block
        {"n_features": 5, "construction": "polynomial", "degree": 4},
        {"n_features": 20, "construction": "polynomial", "degree": 3, "width": 12_000},
        {"law": "gaussian"},
        {"law": stats.gamma(3)},
        {"law": stats.uniform(1, 9), "scale": 0.2},
        {"law": two_shells},
        {"law": "two_spheres"},
    ],
)
def test_the_expected_error_is_what_is_measured(parameters):
    found, expected = typical_error(**parameters)
    assert found == pytest.approx(expected, rel=0.15)


def test_the_error_falls_with_the_root_of_the_width():
    narrow, expected = typical_error(width=40 * 250)
    wide, expected_wide = typical_error(width=40 * 4000, n_repeats=2)
    assert expected_wide / expected == pytest.approx(1 / 4, rel=0.15)
    assert wide / narrow == pytest.approx(1 / 4, rel=0.2)


@pytest.mark.parametrize("n_features", [2, 5, 20])
@pytest.mark.parametrize("profile", [sine, kink])
def test_the_limit_is_the_mean_over_all_directions(n_features, profile):
    """By quadrature in w_1, on radii of the law itself: uniform on [0, 2]."""
    network = approximate(profile, n_features, construction="polynomial", degree=4)
    radii = 2 * (np.arange(500) + 0.5) / 500
    angles = np.pi / 2 * (np.arange(2000) + 0.5) / 2000
    density = np.cos(angles) ** (n_features - 2)
    z = radii[:, None] * np.sin(angles)
    end = np.append(network.knots, 3)
    values = np.maximum(end[:, None] - network.knots, 0) @ network.coef
    means = np.interp(z, end, values) @ density / density.sum()
    error = np.sqrt(np.mean((profile(radii) - network.intercept - means) ** 2))
    assert network.l2_limit == pytest.approx(error, rel=0.03)


@pytest.mark.parametrize("n_features", [1, 2, 10])
def test_one_block_makes_the_square_of_the_norm(n_features):
    """It has no noise in degree 2: only the interpolation between knots is left."""
    network = approximate(
        np.square,
        n_features,
        construction="polynomial",
        degree=2,
        n_knots=200,
        width=400 * n_features,
    )
    assert len(network.directions) == n_features
    assert network.l2_error < 2e-3


def test_polynomials_are_approximated_up_to_noise():
    fourth = {"profile": lambda r: r**4, "n_features": 6, "n_knots": 100}
    for degree in (2, 4):
        network = approximate(
            **fourth, construction="polynomial", degree=degree, width=200 * 600
        )
        assert network.l2_limit < 5e-3
        assert network.l2_error == pytest.approx(network.expected_error, rel=0.3)
        assert network.l2_error < 0.05 * 16 / 3  # of the root mean square of r^4


def test_amplification_of_a_square():
    """psi(z) = d z^2, up to the last knot."""
    network = approximate(np.square, 20, construction="polynomial", degree=1)
    step = network.knots[1]
    top = network.knots[-1] + step
    assert network.amplification == pytest.approx(20 * top**2 / 4, rel=0.01)


def test_noise_bounds_the_degree():
    """In 20 dimensions degree 8 could represent the sine better, yet does worse."""
    low, high = (
        approximate(
            n_features=20, construction="polynomial", degree=degree, width=40_000
        )
        for degree in (3, 8)
    )
    assert high.l2_limit < low.l2_limit / 3
    assert high.amplification > 50 * low.amplification
    assert high.l2_error > 2 * low.l2_error


def test_on_the_line_it_is_a_spline():
    network = approximate(n_features=1, width=40)
    assert len(network.directions) == 1
    assert network.expected_error == pytest.approx(network.l2_limit)
    assert network.l2_error == pytest.approx(network.l2_limit, rel=0.1)
    assert network.l2_error < 5e-3


@pytest.mark.parametrize("profile", [np.zeros_like, np.ones_like])
@pytest.mark.parametrize("construction", ["hinge", "polynomial"])
def test_constants(profile, construction):
    network = approximate(profile, construction=construction)
    assert network.sup_error < 1e-8
    assert network.amplification <= 1 + 1e-8


@pytest.mark.parametrize("tol", [0.2, 0.05])
def test_the_tolerance_is_met_by_doubling(tol):
    network = approximate(kink, 10, tol=tol)
    assert network.l2_error <= tol
    n_blocks = len(network.directions) / 10
    assert n_blocks == 2 ** round(np.log2(n_blocks))
    if n_blocks > 1:
        half = approximate(kink, 10, width=network.width // 2)
        assert half.expected_error > tol / 1.1


def test_the_width_is_a_budget_of_whole_blocks():
    assert len(approximate(n_features=30, width=40 * 100).directions) == 90
    assert len(approximate(n_features=30, width=40 * 20 + 39).directions) == 20
    directions = approximate(n_features=30, width=40 * 60).directions
    for block in directions.reshape(2, 30, 30):
        np.testing.assert_allclose(block @ block.T, np.eye(30), atol=1e-12)


def test_the_seed_decides():
    first, again, other = (approximate(random_state=seed) for seed in (0, 0, 1))
    for name in RadialNetwork.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    np.testing.assert_array_equal(first.coef, other.coef)
    assert not np.array_equal(first.directions, other.directions)


def test_turning_inputs_is_turning_directions():
    network, rng = approximate(), np.random.default_rng(0)
    Q, X = orthonormal_rows(5, 5, rng), rng.standard_normal((50, 5))
    turned = replace(network, directions=network.directions @ Q)
    np.testing.assert_allclose(turned(X @ Q), network(X), atol=1e-10)


@pytest.mark.parametrize("construction", ["hinge", "polynomial"])
def test_the_unit_of_length_is_no_matter(construction):
    given = CONSTRUCTIONS[construction] | {"law": stats.uniform(0, 2)}
    near = approximate(kink, scale=1.0, **given)
    far = approximate(lambda r: kink(1e6 * r), scale=1e-6, **given)
    np.testing.assert_allclose(far.knots, 1e-6 * near.knots)
    assert far.l2_error == pytest.approx(near.l2_error, rel=1e-5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"width": None}, "width=None and tol=None, but exactly one of them"),
        ({"width": 8000, "tol": 0.1}, r"width=8000 and tol=0\.1, but exactly one"),
        ({"width": 39}, r"width=39 is less than one direction takes.*40 in all"),
        ({"tol": 1e-6}, r"tol=1e-06 is out of reach: infinitely many .* 20 knots"),
        (
            {"tol": 5e-3, "profile": kink, "n_features": 20},
            "tol=0.005 is out of reach: up to 4,194,304 units.*larger tol",
        ),
        ({"profile": lambda r: r[:3]}, r"profile returned shape \(3,\)"),
        (
            {"profile": lambda r: np.where(r > 1, np.nan, r)},
            r"profile returned nan at 1\.0",
        ),
        (
            {"n_features": 100, "construction": "polynomial", "degree": 16},
            "degree=16 in 100 dimensions makes terms of .*construction='hinge'",
        ),
        (
            {"construction": "polynomial", "degree": 50, "law": "bessel"},
            "degree=50 in 5 dimensions makes terms of inf",
        ),
        (
            {"law": lambda n, rng: np.zeros(n), "scale": 1},
            r"99 % of the norms are at most 0\.0",
        ),
        ({"law": "two_spheres", "n_features": 1}, "n_features >= 2"),
        ({"profile": "sine"}, "The 'profile' parameter"),
        ({"degree": 51}, "The 'degree' parameter"),
        ({"degree": 3}, "degree=3, but construction='hinge' fits no polynomial"),
    ],
)
def test_bad_input(parameters, message):
    with pytest.raises(ValueError, match=message):
        approximate(**parameters)


def test_points_of_another_dimension():
    with pytest.raises(ValueError, match=r"X has 4 features.*built for 5"):
        approximate()(np.zeros((2, 4)))
