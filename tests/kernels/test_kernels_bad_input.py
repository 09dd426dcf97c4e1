"""What the kernels refuse, and what they say then."""

import numpy as np
import pytest
from scipy import sparse

from sklearn_depth.kernels import (
    KERNEL_FUNCTIONS,
    GaussianProcessKernel,
    active_fraction,
    arc_cosine_kernel,
    biased_ntk_kernel,
    dual_activation_kernel,
    hermite_kernel,
    kernel_diagonal,
    nngp_kernel,
    ntk_kernel,
)

X = np.random.default_rng(0).standard_normal((5, 3))
each_kernel = pytest.mark.parametrize("kernel", KERNEL_FUNCTIONS.values())


@each_kernel
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((np.ones((2, 3)), np.ones((2, 4))), "Incompatible dimension"),
        ((sparse.csr_array(X), sparse.csr_array(X[:, :2])), "Incompatible dimension"),
        ((np.full((2, 3), np.nan),), "NaN"),
        ((X, np.full((2, 3), np.inf)), "infinity"),
        ((sparse.csr_array([[np.nan]]),), "NaN"),
        ((X[0],), "Expected 2D array"),
        ((X, X[0]), "Expected 2D array"),
        ((X[:0],), "0 sample"),
        ((X[:, :0],), "0 feature"),
        ((None,), "Expected 2D array"),
        (([["a", "b"]],), "could not convert|bytes/strings"),
    ],
)
def test_bad_rows(kernel, rows, message):
    with pytest.raises(ValueError, match=message):
        kernel(*rows)


@pytest.mark.parametrize(
    ("kernel", "parameters"),
    [
        (hermite_kernel, {"degree": -1}),
        (hermite_kernel, {"degree": 1.5}),
        (arc_cosine_kernel, {"order": -1}),
        (arc_cosine_kernel, {"order": 0.5}),
        (arc_cosine_kernel, {"depth": 0}),
        (dual_activation_kernel, {"activation": "sigmoid"}),
        (dual_activation_kernel, {"degree": -1}),
        (dual_activation_kernel, {"depth": 0}),
        (biased_ntk_kernel, {"bias": np.inf}),
        (biased_ntk_kernel, {"bias": None}),
    ]
    + [
        (kernel, parameters)
        for kernel in (nngp_kernel, ntk_kernel)
        for parameters in [
            {"depth": 0},
            {"depth": 2.0},
            {"activation": "swish"},
            {"activation": None},
            {"weight_variance": 0},
            {"weight_variance": -1.0},
            {"weight_variance": np.nan},
            {"bias_variance": -0.1},
            {"bias_variance": np.inf},
        ]
    ],
)
def test_bad_parameters(kernel, parameters):
    (name,) = parameters
    with pytest.raises(
        ValueError, match=f"The '{name}' parameter of {kernel.__name__}"
    ):
        kernel(X, **parameters)
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        kernel_diagonal(X, kernel, **parameters)


@pytest.mark.parametrize("kernel", [nngp_kernel, ntk_kernel, dual_activation_kernel])
@pytest.mark.parametrize(
    "activation", [np.log, lambda z: 0 * z, lambda z: np.exp(z**2 / 4)]
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_activations_without_a_norm(kernel, activation):
    with pytest.raises(ValueError, match=r"activation has norm .* under N\(0, 1\)"):
        kernel(X, activation=activation)


@pytest.mark.parametrize("kernel", [nngp_kernel, ntk_kernel, dual_activation_kernel])
@pytest.mark.parametrize("activation", [np.sum, lambda z: 1.0, lambda z: z[:3]])
def test_activations_that_do_not_act_on_entries(kernel, activation):
    with pytest.raises(ValueError, match="acts on every entry"):
        kernel(X, activation=activation)


def test_an_activation_too_large_for_the_rows():
    with pytest.raises(ValueError, match=r"grows too fast .* N\(0, 400\)"):
        nngp_kernel(np.full((1, 3), 20.0), activation=np.exp)


@pytest.mark.parametrize(
    "kernel", [arc_cosine_kernel, biased_ntk_kernel, hermite_kernel, nngp_kernel]
)
def test_rows_whose_kernel_overflows(kernel):
    large = np.array([[1.0, 0], [1e200, 0]])
    with pytest.raises(
        ValueError, match=r"overflows float64 at a sample of norm 1e\+200"
    ):
        kernel(large)
    with pytest.raises(ValueError, match="overflows float64"):
        kernel(large[:1], large)
    with pytest.raises(ValueError, match="overflows float64"):
        kernel_diagonal(large, kernel)
    with pytest.raises(ValueError, match="overflows float32"):
        kernel(np.full((2, 2), 1e30, dtype=np.float32))
    with pytest.raises(ValueError, match="overflows float64"):
        kernel(sparse.csr_array(large))


def test_orders_that_overflow():
    assert np.isfinite(arc_cosine_kernel(X / 10, order=100)).all()
    with pytest.raises(ValueError, match="lower the order"):
        arc_cosine_kernel(X, order=200)


@pytest.mark.parametrize("metric", ["rbf", None, np.dot, "ntk_kernel"])
def test_unknown_metrics(metric):
    message = 'metric must be one of "arc_cosine", .*"ntk"'
    with pytest.raises(ValueError, match=message):
        kernel_diagonal(X, metric)
    with pytest.raises(ValueError, match=message):
        GaussianProcessKernel(metric)(X)


def test_no_gradient_between_two_sets():
    with pytest.raises(ValueError, match="gradient is that of"):
        GaussianProcessKernel()(X, X, eval_gradient=True)


def test_bad_rows_of_active_fraction():
    with pytest.raises(ValueError, match="NaN"):
        active_fraction([[np.nan]], bias=1)
    with pytest.raises(ValueError, match="'bias' parameter of active_fraction"):
        active_fraction(X, bias="large")
