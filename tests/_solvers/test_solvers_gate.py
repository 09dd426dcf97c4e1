"""The weight of a network against a linear fit: its formula, order and limits."""

import numpy as np
import pytest

from sklearn_depth._solvers._gate import charged_score, network_share


def share(network, linear, n_search=0.0, n_samples=100.0):
    return float(
        network_share(np.array([network]), np.array([linear]), n_search, n_samples)[0]
    )


def test_equal_scores_without_a_search_share_alike():
    assert share(0.3, 0.3) == 0.5


@pytest.mark.parametrize(("n_search", "charge"), [(5, 0.1), (20, 0.4), (1e6, 0.4)])
def test_formula(n_search, charge):
    network, linear = 0.5 / (1 - charge) ** 2, 0.8
    expected = network**-10 / (network**-10 + linear**-10)
    assert share(0.5, 0.8, n_search) == pytest.approx(expected, rel=1e-12)


def test_order():
    scores = np.linspace(0.1, 3, 50)
    assert (np.diff([share(score, 1.0, 5) for score in scores]) < 0).all()
    assert (np.diff([share(1.0, score, 5) for score in scores]) > 0).all()
    searches = [share(1.0, 1.1, n_search) for n_search in range(30)]
    assert (np.diff(searches[:21]) < 0).all()
    assert len(set(searches[20:])) == 1  # no search is charged more than its cap
    assert (np.diff([share(1.0, 1.1, 5, n) for n in (50, 100, 1000)]) > 0).all()


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_unit_of_the_targets_does_not_matter(unit):
    assert share(0.5 * unit, 0.6 * unit, 3) == pytest.approx(share(0.5, 0.6, 3))


def test_limits():
    assert share(1e-9, 1.0) == 1
    assert share(1.0, 1e-9) < 1e-50
    assert share(np.inf, 1.0) < 1e-50  # a head without degrees of freedom left
    assert share(0.0, 0.0) == 1  # constant targets: both fits are exact


def test_each_target_has_its_own_share():
    shares = network_share(np.array([0.1, 1.0]), np.array([1.0, 0.1]), 2.0, 100.0)
    assert shares[0] > 0.999
    assert shares[1] < 0.001


@pytest.mark.parametrize(
    ("n_search", "factor"), [(0, 1), (5, 0.9), (19, 0.62), (20, 0.6), (1e6, 0.6)]
)
def test_the_charge_by_hand(n_search, factor):
    """Of 100 samples 2 q are spent, and 40 at most."""
    scores = np.array([0.0, 0.5, 3.0])
    np.testing.assert_allclose(
        charged_score(scores, n_search, 100), scores / factor**2, rtol=1e-12
    )


def test_the_network_is_weighed_at_its_charged_score():
    scores, linear = np.array([0.5, 2.0]), np.array([0.6, 1.5])
    charged = charged_score(scores, 7, 200)
    np.testing.assert_allclose(
        network_share(scores, linear, 7, 200), network_share(charged, linear, 0, 200)
    )
