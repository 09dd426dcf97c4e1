"""Eigenvalues of kernels against closed forms and kernel matrices."""

import numpy as np
import pytest

from sklearn_depth._math._spheres import random_directions
from sklearn_depth.kernels import (
    KERNEL_FUNCTIONS,
    arc_cosine_kernel,
    kernel_eigenvalues,
    ntk_kernel,
)


def test_a_polynomial_kernel():
    """(1 + t)^2 = (1 + 1/d) + 2 P_1 + (1 - 1/d) P_2, over the numbers of harmonics."""
    d = 10
    found = kernel_eigenvalues(
        "polynomial",
        d,
        degree=3,
        radius=1.0,
        kernel_params={"degree": 2, "gamma": 1, "coef0": 1},
    )
    expected = [1 + 1 / d, 2 / d, (1 - 1 / d) / 54, 0]
    np.testing.assert_allclose(found.eigenvalues, expected, atol=1e-15)
    assert found.multiplicities.tolist() == [1, 10, 54, 210]
    assert found.remainder == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("n_features", [3, 10, 50, 200])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_a_polynomial_kernel_has_no_eigenvalues_beyond(n_features, degree):
    """Nothing is left but rounding, which would act as a penalty."""
    params = {"degree": degree, "gamma": 1, "coef0": 1}
    found = kernel_eigenvalues(
        "poly", n_features, degree=degree, radius=1.0, kernel_params=params
    )
    assert found.remainder == 0


@pytest.mark.parametrize("name", KERNEL_FUNCTIONS)
def test_eigenvalues_and_their_remainder_are_the_diagonal(name):
    params = {"degree": 3} if name == "hermite" else {}
    found = kernel_eigenvalues(name, 8, degree=6, kernel_params=params)
    row = np.sqrt(8) * np.eye(8)[:1]
    total = KERNEL_FUNCTIONS[name](row, **params)[0, 0]
    traced = found.eigenvalues @ found.multiplicities
    assert traced + found.remainder == pytest.approx(total)
    assert 0 <= found.remainder < 0.15 * total
    assert (found.eigenvalues >= 0).all()
    function = kernel_eigenvalues(
        KERNEL_FUNCTIONS[name], 8, degree=6, kernel_params=params
    )
    np.testing.assert_array_equal(function.eigenvalues, found.eigenvalues)


@pytest.mark.parametrize("radius", [1.0, None, 3.0])
def test_kernel_matrices_of_many_rows(radius):
    """The eigenvalues of K / n come in groups of the multiplicities."""
    d, n = 4, 1500
    rows = random_directions(n, d, np.random.default_rng(1)) * (radius or 2.0)

    def kernel(X, Z):
        return ntk_kernel(X, Z, depth=3, bias_variance=0.3)

    found = kernel_eigenvalues(kernel, d, degree=3, radius=radius)
    measured = np.linalg.eigvalsh(kernel(rows, rows) / n)[::-1]
    start = 0
    for value, number in zip(found.eigenvalues, found.multiplicities, strict=True):
        group = measured[start : start + int(number)]
        assert group.mean() == pytest.approx(value, rel=0.04)
        start += int(number)


def test_powers_of_the_radius():
    one, two = (
        kernel_eigenvalues(arc_cosine_kernel, 6, radius=radius) for radius in (1.0, 2.0)
    )
    np.testing.assert_allclose(two.eigenvalues, 4 * one.eigenvalues, atol=1e-15)


def test_what_is_no_kernel_of_the_sphere():
    with pytest.raises(
        ValueError, match=r"changes by up to .* when both samples are rot"
    ):
        kernel_eigenvalues("laplacian", 5)
    with pytest.raises(ValueError, match=r"gave an array of shape \(\) for 1 sample"):
        kernel_eigenvalues(lambda X, Z: 1.0, 5)
    with pytest.raises(ValueError, match="not finite"):
        kernel_eigenvalues(lambda X, Z: X @ Z.T * np.nan, 5)
    with pytest.raises(ValueError, match="'kernel' parameter"):
        kernel_eigenvalues("no kernel", 5)
    with pytest.raises(ValueError, match="'n_features' parameter"):
        kernel_eigenvalues("ntk", 1)
