"""What every kernel matrix is: symmetric, positive semi-definite, of one piece."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics.pairwise import pairwise_kernels
from threadpoolctl import threadpool_limits

from sklearn_depth.kernels import KERNEL_FUNCTIONS, kernel_diagonal

CASES = [
    ("arc_cosine", {"order": 0}),
    ("arc_cosine", {"order": 0, "depth": 4}),
    ("arc_cosine", {"order": 1, "depth": 3}),
    ("arc_cosine", {"order": 3}),
    ("biased_ntk", {}),
    ("biased_ntk", {"bias": 0.0}),
    ("biased_ntk", {"bias": -0.7}),
    ("dual_activation", {"depth": 3}),
    ("dual_activation", {"activation": "logistic"}),
    ("dual_activation", {"activation": "erf", "degree": 3, "depth": 3}),
    ("hermite", {"degree": 0}),
    ("hermite", {"degree": 4}),
    ("nngp", {"depth": 4}),
    ("nngp", {"activation": "tanh", "bias_variance": 0.2}),
    ("nngp", {"activation": "logistic", "depth": 3}),
    ("ntk", {"depth": 3, "bias_variance": 0.1}),
    ("ntk", {"activation": "erf", "weight_variance": 3.0, "depth": 3}),
    ("ntk", {"activation": "erf_integral", "depth": 3}),
]
each_case = pytest.mark.parametrize(("name", "parameters"), CASES, ids=str)


def awkward_rows(seed, n_samples, n_features, scale=1.0):
    """With equal, near, parallel, opposite and zero rows, of norms apart."""
    rng = np.random.default_rng(seed)
    X = scale * rng.standard_normal((n_samples, n_features))
    X *= rng.uniform(0.3, 2, (n_samples, 1))
    n = n_samples // 6
    X[:n] = X[-n:]
    X[n : 2 * n] = X[-n:] + 1e-9 * rng.standard_normal((n, n_features))
    X[2 * n : 3 * n] = -X[-n:] * rng.uniform(0.5, 2, (n, 1))
    X[3 * n : 4 * n] = X[-n:] * rng.uniform(0.5, 2, (n, 1))
    X[4 * n] = 0
    return X


@each_case
@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_samples=st.integers(6, 60),
    n_features=st.integers(1, 8),
    scale=st.sampled_from([0.01, 1.0, 3.0]),
)
def test_symmetric_and_positive_semidefinite(
    name, parameters, seed, n_samples, n_features, scale
):
    X = awkward_rows(seed, n_samples, n_features, scale)
    kernel = KERNEL_FUNCTIONS[name](X, **parameters)
    np.testing.assert_array_equal(kernel, kernel.T)
    eigenvalues = np.linalg.eigvalsh(kernel)
    assert eigenvalues[0] >= -1e-9 * eigenvalues[-1]
    np.testing.assert_array_equal(
        np.diag(kernel), kernel_diagonal(X, name, **parameters)
    )


def assert_close(found, expected, diagonal, tolerance):
    """In units of [K(x, x) K(z, z)]^(1/2)."""
    lengths = np.sqrt(diagonal)
    scale = np.maximum(np.outer(lengths[: len(found)], lengths[len(found) :]), 1e-300)
    np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=tolerance)


@each_case
@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_samples=st.integers(6, 40),
    n_features=st.integers(1, 8),
    data=st.data(),
)
def test_two_sets_of_rows_are_a_block(
    name, parameters, seed, n_samples, n_features, data
):
    X = awkward_rows(seed, n_samples, n_features)
    cut = data.draw(st.integers(1, n_samples - 1))
    function = KERNEL_FUNCTIONS[name]
    whole = function(X, **parameters)
    block = function(X[:cut], X[cut:], **parameters)
    # The last digit of a cosine moves the angle of opposite rows by its root.
    assert_close(block, whole[:cut, cut:], np.diag(whole), 2e-8)
    other = function(X[cut:], X[:cut], **parameters)
    assert_close(other.T, block, np.diag(whole), 2e-8)


@each_case
def test_tiles_join(name, parameters):
    """More rows than a tile has, and no multiple of it, against small blocks."""
    X = awkward_rows(0, 601, 5)
    function = KERNEL_FUNCTIONS[name]
    whole, tall = function(X, **parameters), function(X, X[:300], **parameters)
    np.testing.assert_array_equal(whole, whole.T)
    diagonal = np.diag(whole)
    for start, stop in [(0, 100), (200, 300), (500, 601)]:
        rows = slice(start, stop)
        block = function(X[rows], X[:100], **parameters)
        numbers = np.concatenate([diagonal[rows], diagonal[:100]])
        assert_close(block, whole[rows, :100], numbers, 2e-8)
        assert_close(block, tall[rows, :100], numbers, 2e-8)


@each_case
def test_threads_change_no_bit(name, parameters):
    X = awkward_rows(1, 530, 5)
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            found.append(KERNEL_FUNCTIONS[name](X, **parameters))
    np.testing.assert_array_equal(*found)


@each_case
def test_float32_stays_and_loses_only_its_own_rounding(name, parameters):
    X = awkward_rows(2, 40, 5).astype(np.float32)
    Z = X[:7].astype(np.float64)
    function = KERNEL_FUNCTIONS[name]
    exact = function(X.astype(np.float64), **parameters)
    for found, expected in [
        (function(X, **parameters), exact),
        (function(X, X[:7], **parameters), exact[:, :7]),
        (kernel_diagonal(X, name, **parameters), np.diag(exact)),
    ]:
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * exact.max())
    assert function(X, Z, **parameters).dtype == np.float64
    assert function(X.round().astype(int), **parameters).dtype == np.float64


@each_case
@pytest.mark.parametrize(
    "form", [sparse.csr_array, sparse.csr_matrix, sparse.csc_array]
)
def test_sparse_rows(name, parameters, form):
    X = awkward_rows(3, 300, 6)
    X[np.random.default_rng(0).random(X.shape) < 0.5] = 0
    function = KERNEL_FUNCTIONS[name]
    expected = function(X, **parameters)
    numbers = np.concatenate([np.diag(expected), np.diag(expected)[:30]])
    for found in [
        function(form(X), **parameters)[:, :30],
        function(form(X), form(X[:30]), **parameters),
        function(form(X), X[:30], **parameters),
        function(X, form(X[:30]), **parameters),
    ]:
        assert isinstance(found, np.ndarray)
        assert_close(found, expected[:, :30], numbers, 2e-8)
    np.testing.assert_allclose(
        kernel_diagonal(form(X), name, **parameters), np.diag(expected), rtol=1e-13
    )


def test_zeros_may_be_stored():
    """A row of them is a zero row."""
    entries = np.array([0.0, 0.0, 3.0]), ([0, 0, 1], [0, 1, 1])
    for name, function in KERNEL_FUNCTIONS.items():
        found = function(sparse.csr_array(entries, shape=(2, 2)))
        expected = function([[0.0, 0.0], [0.0, 3.0]])
        np.testing.assert_allclose(found, expected, err_msg=name)


def test_entries_given_twice_add_up():
    """As sparse matrices in coordinates may have them."""
    entries = np.array([1.0, 2.0, 3.0]), ([0, 0, 1], [0, 0, 1])
    found = KERNEL_FUNCTIONS["ntk"](sparse.csr_array(entries, shape=(2, 2)))
    expected = KERNEL_FUNCTIONS["ntk"]([[3.0, 0.0], [0.0, 3.0]])
    np.testing.assert_allclose(found, expected)


@each_case
def test_pair_by_pair(name, parameters):
    X, Z = awkward_rows(4, 7, 3), awkward_rows(5, 6, 3)
    function = KERNEL_FUNCTIONS[name]
    assert isinstance(function(X[0], Z[0], **parameters), float)
    expected = function(X, Z, **parameters)
    found = pairwise_kernels(X, Z, metric=function, **parameters)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@each_case
def test_inputs_are_left_alone(name, parameters):
    X, Z = awkward_rows(6, 20, 3), sparse.csr_array(awkward_rows(7, 20, 3))
    before = X.copy(), Z.copy()
    KERNEL_FUNCTIONS[name](X, Z, **parameters)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(Z.data, before[1].data)


def test_names():
    assert list(KERNEL_FUNCTIONS) == sorted(KERNEL_FUNCTIONS)
    for name, function in KERNEL_FUNCTIONS.items():
        assert function.__name__ == f"{name}_kernel"
        X = awkward_rows(8, 20, 3)
        np.testing.assert_array_equal(
            kernel_diagonal(X, function), kernel_diagonal(X, name)
        )
