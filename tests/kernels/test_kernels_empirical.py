"""The tangent kernel of a network against finite differences and the limit in width."""

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPRegressor

from sklearn_depth import ReLUNetworkClassifier, ReLUNetworkRegressor
from sklearn_depth.kernels import empirical_ntk, ntk_kernel

rng = np.random.default_rng(0)
X = rng.standard_normal((7, 3))
Z = rng.standard_normal((5, 3))


def smooth(n_outputs=2):
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, n_outputs)
    ).double()


def differences(module, rows, step=1e-6):
    """Derivatives of the outputs in each weight, (n_weights, n_rows, n_outputs)."""
    rows, found = torch.as_tensor(rows), []
    with torch.no_grad():
        for weights in module.parameters():
            flat = weights.view(-1)
            for k in range(len(flat)):
                kept, sides = flat[k].item(), []
                for side in (step, -step):
                    flat[k] = kept + side
                    sides.append(module(rows).numpy().copy())
                flat[k] = kept
                found.append((sides[0] - sides[1]) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_finite_differences(n_outputs):
    module = smooth(n_outputs)
    left, right = differences(module, X), differences(module, Z)
    expected = np.einsum("pik,pjk->ij", left, right) / n_outputs
    found = empirical_ntk(module, X, Z)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert found.dtype == np.float64
    np.testing.assert_allclose(
        empirical_ntk(module, X), empirical_ntk(module, X, X), atol=1e-12
    )


def test_blocks_of_rows_change_nothing(monkeypatch):
    """Two rows at once, of 26 weights and 2 outputs each."""
    whole, heights = empirical_ntk(smooth(), X, Z), []

    def recorded(jacobian, dims):
        of_rows = vmap(jacobian, dims)
        return lambda w, rows: [heights.append(len(rows)), of_rows(w, rows)][1]

    vmap = torch.func.vmap
    monkeypatch.setattr(torch.func, "vmap", recorded)
    monkeypatch.setitem(empirical_ntk.__globals__, "_HELD", 2 * 26 * 2)
    np.testing.assert_allclose(empirical_ntk(smooth(), X, Z), whole, atol=1e-12)
    assert max(heights) == 2
    square = empirical_ntk(smooth(), X)
    np.testing.assert_allclose(square, square.T, atol=1e-12)


def test_weights_that_do_not_train_are_left_out():
    module = smooth()
    module[0].weight.requires_grad_(False)
    n_fixed = module[0].weight.numel()
    left = differences(module, X)[n_fixed:]
    expected = np.einsum("pik,pjk->ij", left, left) / 2
    np.testing.assert_allclose(empirical_ntk(module, X), expected, atol=1e-8)
    for weights in module.parameters():
        weights.requires_grad_(False)
    with pytest.raises(ValueError, match="No parameter of the module"):
        empirical_ntk(module, X)


class Wide(torch.nn.Module):
    """f = W2 sqrt(2) relu(W1 x / sqrt(d)) / sqrt(m), entries N(0, 1)."""

    def __init__(self, width):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        draw = {"generator": generator, "dtype": torch.float64}
        self.first = torch.nn.Parameter(torch.randn(width, 3, **draw))
        self.second = torch.nn.Parameter(torch.randn(width, **draw))

    def forward(self, rows):
        hidden = torch.relu(rows @ self.first.T / 3**0.5)
        return hidden @ self.second * (2 / len(self.second)) ** 0.5


def test_wide_networks_have_the_kernel_of_their_limit():
    """The error falls as the root of the width."""
    limit = ntk_kernel(X, Z)
    errors = [
        np.abs(empirical_ntk(Wide(width), X, Z) - limit).max()
        for width in (100, 10_000, 200_000)
    ]
    assert errors[2] < 0.01 * np.abs(limit).max()
    assert errors[2] < errors[1] < errors[0]


def as_module(model):
    """The torch module of a fitted network, in double precision."""
    return model.net_.module_.double()


@pytest.mark.parametrize("sizes", [(6,), (6, 5)])
def test_fitted_networks(sizes):
    """By torch's derivatives of their module, on scaled columns."""
    rows = rng.standard_normal((80, 3)) * [1, 5, 0.1] + 2
    Y = np.column_stack([rows[:, 0] ** 2, rows[:, 1]])
    model = ReLUNetworkRegressor(sizes, max_epochs=3, random_state=0).fit(rows, Y)
    scaled = np.clip((rows - model.mean_) / model.scale_, -5, 5)
    expected = empirical_ntk(as_module(model), scaled[:9], scaled[5:20])
    found = empirical_ntk(model, rows[:9], rows[5:20])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    classifier = ReLUNetworkClassifier(sizes, max_epochs=3, random_state=0)
    square = empirical_ntk(classifier.fit(rows, rows[:, 0] > 2), rows[:6])
    assert (np.linalg.eigvalsh(square) > 0).all()


def test_networks_of_scikit_learn():
    rows = rng.standard_normal((60, 3))
    model = MLPRegressor(
        hidden_layer_sizes=(5,), max_iter=20, random_state=0, solver="lbfgs", tol=1
    )
    model.fit(rows, rows[:, 0])
    hidden = rows @ model.coefs_[0] + model.intercepts_[0]
    active, out = hidden > 0, model.coefs_[1][:, 0]
    values = np.maximum(hidden, 0)
    below = (active * out) @ (active * out).T
    expected = values @ values.T + 1 + (rows @ rows.T + 1) * below
    np.testing.assert_allclose(empirical_ntk(model, rows), expected)
    with pytest.raises(ValueError, match="activation='tanh'"):
        empirical_ntk(model.set_params(activation="tanh"), rows)


def test_what_is_no_network():
    with pytest.raises(TypeError, match="got ellipsis"):
        empirical_ntk(..., X)
    with pytest.raises(ValueError, match="X has 3 features and Y 2"):
        empirical_ntk(smooth(), X, Z[:, :2])
    with pytest.raises(ValueError, match="NaN"):
        empirical_ntk(smooth(), X * np.nan)
