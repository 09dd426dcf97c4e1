"""Scores against principal angles, closed forms, invariances and scikit-learn's R²."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.linalg import subspace_angles
from sklearn.metrics import r2_score

from sklearn_depth.datasets import make_single_index
from sklearn_depth.metrics import (
    information_exponent,
    normalized_mse,
    subspace_alignment_score,
)

rng = np.random.default_rng(0)
few_rows = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.just(3)),
    elements=st.floats(-1e6, 1e6, allow_subnormal=False),
)


def rows(n_directions, n_features=6):
    return rng.standard_normal((n_directions, n_features))


@pytest.mark.parametrize("rank", [1, 2, 5, 6])
def test_equal_subspaces_score_one_in_any_basis(rank):
    first = rows(rank)
    second = rng.standard_normal((rank, rank)) @ first
    assert subspace_alignment_score(first, second) == pytest.approx(1, abs=1e-10)
    assert subspace_alignment_score(first, -1e-9 * first) == pytest.approx(1)


def test_orthogonal_subspaces_score_zero():
    basis = np.linalg.qr(rows(6))[0]
    assert subspace_alignment_score(basis[:2], basis[2:]) < 1e-12


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2, np.pi / 2])
def test_two_lines_score_the_squared_cosine(angle):
    turned = [[np.cos(angle), np.sin(angle), 0]]
    score = subspace_alignment_score([[2, 0, 0]], turned)
    assert score == pytest.approx(np.cos(angle) ** 2)


@pytest.mark.parametrize("ranks", [(1, 1), (2, 2), (1, 3), (4, 2), (5, 5)])
def test_the_score_is_that_of_the_principal_angles(ranks):
    first, second = rows(ranks[0]), rows(ranks[1])
    angles = subspace_angles(first.T, second.T)
    expected = np.sum(np.cos(angles) ** 2) / max(ranks)
    assert subspace_alignment_score(first, second) == pytest.approx(expected)


def test_a_part_of_a_subspace_scores_its_share():
    whole = rows(4)
    assert subspace_alignment_score(whole, whole[:3]) == pytest.approx(3 / 4)
    assert subspace_alignment_score(whole[:1], np.eye(6)) == pytest.approx(1 / 6)


def test_dependent_rows_count_once():
    first, second = rows(2), rows(3)
    doubled = np.vstack([first, first.sum(axis=0), 3 * first, np.zeros(6)])
    assert subspace_alignment_score(doubled, second) == pytest.approx(
        subspace_alignment_score(first, second)
    )
    many = rng.standard_normal((20, 6))
    assert subspace_alignment_score(many, np.eye(6)) == pytest.approx(1)


def test_rotations_of_the_space_do_not_matter():
    first, second, turn = rows(2), rows(3), np.linalg.qr(rows(6))[0]
    assert subspace_alignment_score(first @ turn, second @ turn) == pytest.approx(
        subspace_alignment_score(first, second)
    )


def test_zero_rows_span_nothing():
    nothing = np.zeros((2, 6))
    assert subspace_alignment_score(nothing, rows(2)) == 0
    assert subspace_alignment_score(rows(2), nothing) == 0
    assert subspace_alignment_score(nothing, nothing) == 0


def test_directions_of_different_spaces_are_refused():
    with pytest.raises(ValueError, match="has 6 features and directions_pred 5"):
        subspace_alignment_score(rows(2), rows(2, 5))


@pytest.mark.parametrize("bad", ["directions_true", "directions_pred"])
def test_the_bad_argument_is_named(bad):
    given = {"directions_true": rows(2), "directions_pred": rows(2)}
    given[bad] = np.full((2, 6), np.nan)
    with pytest.raises(ValueError, match=f"Input {bad} contains NaN"):
        subspace_alignment_score(**given)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(few_rows, few_rows)
def test_scores_are_symmetric_between_zero_and_one(first, second):
    score = subspace_alignment_score(first, second)
    assert isinstance(score, float)
    assert 0 <= score <= 1
    assert subspace_alignment_score(second, first) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize(("ranks", "mean"), [((2, 2), 1 / 3), ((1, 3), 1 / 6)])
def test_random_subspaces_score_the_smaller_rank_over_the_dimension(ranks, mean):
    draws = [
        subspace_alignment_score(rows(ranks[0]), rows(ranks[1])) for _ in range(2000)
    ]
    assert np.mean(draws) == pytest.approx(mean, abs=4 * np.std(draws) / np.sqrt(2000))


@pytest.mark.parametrize(
    ("link", "exponent"),
    [
        (np.sign, 1),
        (np.abs, 2),
        (np.tanh, 1),
        (np.cos, 2),
        (lambda z: np.maximum(z, 0), 1),
        (lambda z: np.cos(4 * z), 2),
        (lambda z: z**3 - 3 * z, 3),
        (lambda z: (z**3 - 3 * z) ** 2, 2),
        (lambda z: 1e6 + z**3 - 3 * z, 3),
        (lambda z: 1e-200 * (z**3 - 3 * z), 3),
        (lambda z: np.sign(z) - np.sqrt(2 / np.pi) * z, 3),
        (lambda z: 1.0 * (np.abs(z) < 0.613), 2),
        (lambda z: 1.0 * (np.abs(z) < 1.0), 2),
        (lambda z: (z > 0.7) - z * np.exp(-0.245) / np.sqrt(2 * np.pi), 2),
        (lambda z: (z > 1.0) - z * np.exp(-0.5) / np.sqrt(2 * np.pi), 2),
    ],
)
def test_information_exponents_by_hand(link, exponent):
    assert information_exponent(link) == exponent


def test_a_step_at_one_has_no_third_coefficient():
    """He_2(1) = 0, so without degrees 1 and 2 the step at 1 begins at the fourth."""
    first, second = np.exp(-0.5) / np.sqrt(2 * np.pi) * np.array([1, 0.5])

    def link(z):
        return (z > 1) - first * z - second * (z**2 - 1)

    assert information_exponent(link) == 4


@pytest.mark.parametrize("degree", [1, 2, 5, 11, 20])
def test_information_exponent_of_one_hermite_polynomial(degree):
    coefficients = np.zeros(degree + 1)
    coefficients[[0, degree]] = [3.0, 1e-3]
    assert information_exponent(coefficients) == degree
    truth = make_single_index(link=coefficients, return_truth=True, random_state=0)[2]
    assert information_exponent(truth.link) == degree


def test_tolerance_is_relative_to_the_deviation():
    coefficients = 1e5 * np.array([9.0, 1e-7, 1.0])
    assert information_exponent(coefficients) == 1
    assert information_exponent(coefficients, tol=1e-6) == 2


@pytest.mark.parametrize("link", [np.ones_like, lambda z: np.full(z.shape, 0.1), [2.0]])
def test_constants_have_no_information_exponent(link):
    with pytest.raises(ValueError, match=r"degree 1 to 20 .* deviation 0\. "):
        information_exponent(link)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (np.sum, r"link returned shape \(\)"),
        (np.sqrt, "link is not finite at -14"),
        ([[0.0, 1.0]], r"link has shape \(1, 2\)"),
        ([0.0, np.nan], "Input link contains NaN"),
        (
            [0, 0, 0, 0, 1.0],
            "degree 1 to 3 above tol=1e-09 times .* deviation 1. Raise",
        ),
    ],
)
def test_bad_links(link, message):
    with pytest.raises(ValueError, match=message):
        information_exponent(link, max_degree=3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(40,), (40, 3)])
def test_normalized_mse_is_one_minus_r2(shape, weighted):
    y_true, y_pred = rng.standard_normal((2, *shape)) + 5
    weight = rng.uniform(0, 2, 40) if weighted else None
    for multioutput in ("raw_values", "uniform_average", "variance_weighted"):
        options = {"sample_weight": weight, "multioutput": multioutput}
        np.testing.assert_allclose(
            normalized_mse(y_true, y_pred, **options),
            1 - r2_score(y_true, y_pred, **options),
            rtol=1e-12,
        )
    if len(shape) == 2:
        options = {"sample_weight": weight, "multioutput": [0.2, 0.0, 2.0]}
        assert normalized_mse(y_true, y_pred, **options) == pytest.approx(
            1 - r2_score(y_true, y_pred, **options)
        )


def test_normalized_mse_by_hand():
    assert normalized_mse([0, 4, 8], [0, 4, 4]) == pytest.approx(16 / 32)
    assert normalized_mse([0, 4, 8], [4, 4, 4]) == 1
    tiny = normalized_mse([-1, 1], [-1 + 2**-40, 1])
    assert tiny == pytest.approx(2**-81, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e160, 1e300])
@pytest.mark.parametrize("multioutput", ["raw_values", "variance_weighted"])
def test_no_unit_of_targets_takes_normalized_mse_out_of_float64(unit, multioutput):
    y_true, y_pred = rng.standard_normal((2, 20, 3))
    found, expected = (
        normalized_mse(u * y_true, u * y_pred, multioutput=multioutput)
        for u in (unit, 1)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    apart = [unit, 1, 1 / unit]
    found = normalized_mse(apart * y_true, apart * y_pred, multioutput="raw_values")
    expected = normalized_mse(y_true, y_pred, multioutput="raw_values")
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_weights_of_normalized_mse_count_rows():
    y_true, y_pred = rng.standard_normal((2, 6))
    weight = np.array([0, 1, 2, 0, 3, 1])
    repeated = normalized_mse(np.repeat(y_true, weight), np.repeat(y_pred, weight))
    weighted = normalized_mse(y_true, y_pred, sample_weight=weight)
    assert weighted == pytest.approx(repeated, rel=1e-12)


@pytest.mark.parametrize("n_samples", [1, 7])
def test_constant_targets(n_samples):
    constant = np.full(n_samples, 0.1)
    assert normalized_mse(constant, constant) == 0
    assert normalized_mse(constant, constant + 1e-9) == 1
    pair = np.column_stack([constant, constant])
    wrong = np.add(pair, [0.0, 2.0])
    assert normalized_mse(pair, wrong, multioutput="variance_weighted") == 0.5
    assert normalized_mse(pair, wrong, multioutput="raw_values").tolist() == [0, 1]


def test_zero_weights_leave_a_constant():
    weight = [0, 1, 1]
    assert normalized_mse([9, 0.1, 0.1], [0, 0.1, 0.1], sample_weight=weight) == 0
    assert normalized_mse([9, 0.1, 0.1], [0, 0.1, 0.2], sample_weight=weight) == 1


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2], [1, 2, 3]), {}, "inconsistent numbers of samples"),
        (([1, 2], [[1, 1], [2, 2]]), {}, "y_true has 1 targets and y_pred 2"),
        (([1, np.nan], [1, 2]), {}, "NaN"),
        (([1, 2], [1, 2]), {"sample_weight": [0, 0]}, "weight"),
        (([1, 2], [1, 2]), {"sample_weight": [-1, 2]}, "[Nn]egative"),
        (([1, 2], [1, 2]), {"multioutput": "mean"}, "'multioutput'.*Got 'mean'"),
        (([1, 2], [1, 2]), {"multioutput": [1, 2]}, r"shape \(2,\), but there are 1"),
    ],
)
def test_bad_arguments_of_normalized_mse(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        normalized_mse(*arguments, **options)
