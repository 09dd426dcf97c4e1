"""Scores against principal angles, invariances and the law of random subspaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.linalg import subspace_angles

from sklearn_depth.metrics import subspace_alignment_score

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
    with pytest.raises(ValueError, match="has 6 columns and directions_pred 5"):
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
