"""Fully connected ReLU networks: values, tangents and random weights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike, NDArray

_N_POWER_STEPS = 20


@dataclass(frozen=True)
class DenseNetwork:
    """``x -> relu(... relu(x C_1 + b_1) ...) C_L + b_L``.

    coefs : matrices C_l of shape (fan_in, fan_out).
    intercepts : vectors b_l of shape (fan_out,).
    """

    coefs: list[NDArray]
    intercepts: list[NDArray]

    def astype(self, dtype: DTypeLike) -> "DenseNetwork":
        """A copy with weights of another type."""
        return DenseNetwork(
            [coef.astype(dtype) for coef in self.coefs],
            [intercept.astype(dtype) for intercept in self.intercepts],
        )

    def values(self, X: NDArray) -> NDArray:
        """The outputs, of shape (n_samples, n_outputs)."""
        for k, (coef, intercept) in enumerate(
            zip(self.coefs, self.intercepts, strict=True)
        ):
            if k:
                np.maximum(X, 0, out=X)
            X = X @ coef
            X += intercept
        return X

    def curvature(
        self, X: NDArray, share: NDArray, rng: np.random.Generator
    ) -> tuple[float, float]:
        """The largest eigenvalue of J'SJ, by the power method, and that of a sample.

        J is the derivative in the weights of all outputs at the samples X, and S holds
        the shares of the samples. With t the trace J_i'J_i of a sample, the latter is
        E t^2 / E t: the mean of t where a sample counts by t.
        """
        layers = self._forward(X)
        change = DenseNetwork(
            [rng.standard_normal(coef.shape) for coef in self.coefs],
            [rng.standard_normal(intercept.shape) for intercept in self.intercepts],
        )
        largest = 0.0
        for _ in range(_N_POWER_STEPS):
            moved = self._tangent(layers, change)
            size = np.sqrt(share @ (moved**2).sum(axis=1))
            if size == 0:
                return 0.0, 0.0
            # |J'S m| / |m|_S for m = J c: the root of the Rayleigh quotient of S JJ' S
            change = self._gradient(layers, share[:, None] * moved / size)
            largest = change.squared_norm()
        sizes = sum(self._row_sizes(layers, k) for k in range(moved.shape[1]))
        return largest, float(share @ sizes**2 / (share @ sizes))

    def tangent_kernel(self, X: NDArray, Y: NDArray | None = None) -> NDArray:
        """JJ', J the derivatives of an output at samples X and Y; the mean of outputs.

        Without Y both are those of X.
        """
        left = self._forward(X)
        right = left if Y is None else self._forward(Y)
        kernel, n_outputs = np.zeros((len(X), len(right[0]))), left[-1].shape[1]
        for k in range(n_outputs):
            sides = self._derivatives(left, k), self._derivatives(right, k)
            for (below, slopes), (other, turned) in zip(*sides, strict=True):
                kernel += (below @ other.T + 1) * (slopes @ turned.T)
        return kernel / n_outputs

    def squared_norm(self) -> float:
        """The sum of squares of all weights."""
        return float(sum((w**2).sum() for w in (*self.coefs, *self.intercepts)))

    def _row_sizes(self, layers: list[NDArray], k: int) -> NDArray:
        """Squared norms of the derivatives of output k, sample by sample."""
        return sum(
            ((below**2).sum(axis=1) + 1) * (slopes**2).sum(axis=1)
            for below, slopes in self._derivatives(layers, k)
        )

    def _forward(self, X: NDArray) -> list[NDArray]:
        """X, the hidden values of each layer, and the outputs."""
        layers = [X]
        for coef, intercept in zip(self.coefs, self.intercepts, strict=True):
            if len(layers) > 1:
                np.maximum(X, 0, out=X)
            X = X @ coef
            X += intercept
            layers.append(X)
        return layers

    def _derivatives(
        self, layers: list[NDArray], k: int
    ) -> Iterator[tuple[NDArray, NDArray]]:
        """What each layer sees, and the derivatives of output k in what it gives."""
        outputs = np.zeros_like(layers[-1])
        outputs[:, k] = 1
        return self._backward(layers, outputs)

    def _backward(
        self, layers: list[NDArray], outputs: NDArray
    ) -> Iterator[tuple[NDArray, NDArray]]:
        """From the last layer on: what it sees, and the derivatives of what it gives.

        They are those of ``<outputs, f(X)>``, sample by sample.
        """
        for below, coef in zip(layers[-2::-1], self.coefs[::-1], strict=True):
            yield below, outputs
            if below is not layers[0]:
                outputs = outputs @ coef.T * (below > 0)

    def _gradient(self, layers: list[NDArray], outputs: NDArray) -> "DenseNetwork":
        """The derivative of ``<outputs, f(X)>`` in the weights."""
        pairs = list(self._backward(layers, outputs))[::-1]
        return DenseNetwork(
            [below.T @ slopes for below, slopes in pairs],
            [slopes.sum(axis=0) for _, slopes in pairs],
        )

    def _tangent(self, layers: list[NDArray], change: "DenseNetwork") -> NDArray:
        """How the outputs move if the weights do."""
        moved = layers[0] @ change.coefs[0] + change.intercepts[0]
        for k, below in enumerate(layers[1:-1], start=1):
            moved = (moved * (below > 0)) @ self.coefs[k] + below @ change.coefs[k]
            moved += change.intercepts[k]
        return moved


def xavier_network(sizes: Sequence[int], rng: np.random.Generator) -> DenseNetwork:
    """Weights under which each neuron has about the second moment of an input.

    Entries are N(0, 1 / fan_in), and N(0, 2 / fan_in) above a hidden layer, where the
    activation of unit norm is ``sqrt(2) relu``; intercepts are 0.
    """
    coefs = [
        rng.standard_normal((fan_in, fan_out)) * np.sqrt((2 if k else 1) / fan_in)
        for k, (fan_in, fan_out) in enumerate(pairwise(sizes))
    ]
    return DenseNetwork(coefs, [np.zeros(size) for size in sizes[1:]])


def path_norm(coefs: Sequence[NDArray]) -> float:
    """The sum over paths from inputs to outputs of the products of absolute weights."""
    sums = np.ones(len(coefs[0]))
    for coef in coefs:
        sums = sums @ np.abs(coef)
    return float(sums.sum())
