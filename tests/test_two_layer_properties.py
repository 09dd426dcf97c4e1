"""What holds for any permutation, unit and seed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_depth import TwoLayerGDRegressor
from sklearn_depth.datasets import make_multi_index
from sklearn_depth.metrics import subspace_alignment_score

X, y, truth = make_multi_index(
    300, 6, link="product", noise=0.1, return_truth=True, random_state=0
)
few = settings(max_examples=12, deadline=None)


def net(seed=0, **parameters):
    return TwoLayerGDRegressor(60, random_state=seed, **parameters)


@few
@given(order=st.permutations(range(6)))
def test_permuted_columns_permute_the_subspace(order):
    model = net(n_directions=2).fit(X[:, order], y)
    score = subspace_alignment_score(truth.directions[:, order], model.subspace_)
    assert score > 0.99


@few
@given(
    power=st.integers(-30, 30),
    shift=st.floats(-1e3, 1e3),
    n_feature_steps=st.sampled_from([0, 1, 3]),
)
def test_predictions_follow_the_unit_and_origin_of_the_targets(
    power, shift, n_feature_steps
):
    model = net(n_feature_steps=n_feature_steps)
    expected = model.fit(X, y).predict(X)
    scale = 2.0**power
    found = model.fit(X, scale * (y + shift)).predict(X)
    np.testing.assert_allclose(found / scale - shift, expected, atol=1e-5)


@few
@given(seed=st.integers(0, 2**32 - 1), n_directions=st.sampled_from([None, 1, "auto"]))
def test_the_same_seed_gives_the_same_bits(seed, n_directions):
    one, other = (
        net(seed, n_directions=n_directions).fit(X, y).predict(X) for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)
