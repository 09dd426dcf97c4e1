"""The network f(x) = m^(-1/2) sum_r a_r relu(<w_r, x> - b_r), by gradient descent.

``rows`` are (w_r, b_r), and ``extended(X)`` has a column of -1 beside X: then
<w_r, x> - b_r is one product, and the gradient in w and b is too.
"""

from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    """Trained rows of shape (m, d + 1), fixed signs of shape (m,)."""

    rows: np.ndarray
    signs: np.ndarray


class Training(NamedTuple):
    """The network, and the active share and mean squared residual before each step."""

    network: Network
    active: list[float]
    losses: list[float]


def extended(X):
    return np.column_stack([X, -np.ones(len(X), X.dtype)])


def start(d, m, bias, rng, paired=False):
    """Normal rows w, biases B and random signs; in pairs, f is 0 everywhere."""
    drawn = m // 2 if paired else m
    rows = np.column_stack([rng.standard_normal((drawn, d)), np.full(drawn, bias)])
    signs = rng.choice([-1.0, 1.0], drawn)
    if paired:
        rows, signs = np.concatenate([rows, rows]), np.concatenate([signs, -signs])
    return Network(rows, signs)


def predict(network, X):
    rows, signs = network
    return np.maximum(extended(X) @ rows.T, 0) @ signs / np.sqrt(len(signs))


def active_share(network, X):
    return np.mean(extended(X) @ network.rows.T > 0)


def gradient(network, X, y):
    """The gradient of sum (f - y)^2 / 2 in the rows, active units and residuals."""
    rows, signs = network
    scale = signs / np.sqrt(len(signs))
    Z = extended(X)
    before = Z @ rows.T
    active = (before > 0).astype(X.dtype)
    residual = np.maximum(before, 0, out=before) @ scale - y
    return scale[:, None] * (active.T @ (residual[:, None] * Z)), active, residual


def train(network, X, y, step, n_steps):
    """Full-batch gradient descent on half the sum of squares, in X's float type."""
    network = Network(*(part.astype(X.dtype) for part in network))
    y = y.astype(X.dtype)
    shares, losses = [], []
    for _ in range(n_steps):
        slope, active, residual = gradient(network, X, y)
        shares.append(float(active.mean()))
        losses.append(float(np.mean(residual**2)))
        network = network._replace(rows=network.rows - X.dtype.type(step) * slope)
    return Training(network, shares, losses)


def tangent_kernel(network, X, Y=None, block=4000):
    """Inner products of the gradients of f in the rows: the matrix H of m units."""
    Z = extended(X)
    T = Z if Y is None else extended(Y)
    both_active = np.zeros((len(Z), len(T)))
    for first in range(0, len(network.rows), block):
        rows = network.rows[first : first + block].T
        left, right = ((part @ rows > 0).astype(np.float32) for part in (Z, T))
        both_active += left @ right.T
    return both_active / len(network.rows) * (Z @ T.T)


def linearised(network, X, y, X_test, step, n_steps):
    """Predictions of the network's linearisation at its start after the same steps.

    Its residuals on X after t steps are (I - step H)^t (y - f).
    """
    values, vectors = np.linalg.eigh(tangent_kernel(network, X))
    rates = np.clip(step * values, 1e-12, None)
    sums = step * (1 - (1 - rates) ** n_steps) / rates
    coef = vectors @ (sums * (vectors.T @ (y - predict(network, X))))
    return predict(network, X_test) + tangent_kernel(network, X_test, X) @ coef
