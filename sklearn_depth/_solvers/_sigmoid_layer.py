"""One layer of sigmoids under a linear output, all weights trained by L-BFGS."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._activations import HIDDEN_SIGMOIDS
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._lbfgs import minimize_lbfgs
from sklearn_depth._solvers._training import Training
from sklearn_depth.utils._memory import row_blocks

Array = NDArray[np.float64]

# Blocks of samples stay in a cache of their own core.
_SHARE = 32
# Slopes of the sigmoids from their arguments, or from their values alone.
_OF_ARGUMENTS: dict[str, Callable[[Array], Array]] = {
    "erf": lambda z: 2 / np.sqrt(np.pi) * np.exp(-z * z)
}
_OF_VALUES: dict[str, Callable[[Array], Array]] = {
    "logistic": lambda h: h - h * h,
    "tanh": lambda h: 1 - h * h,
}


@dataclass(frozen=True)
class SigmoidLayer:
    """``x -> sigma(x inner + biases) outer + intercepts``.

    inner : (n_features, n_hidden); outer : (n_hidden, n_targets).
    """

    activation: str
    inner: Array
    biases: Array
    outer: Array
    intercepts: Array

    @property
    def parts(self) -> list[Array]:
        return [self.inner, self.biases, self.outer, self.intercepts]

    def flat(self) -> Array:
        """All weights as one vector."""
        return np.concatenate([part.ravel() for part in self.parts])

    def with_weights(self, flat: Array) -> "SigmoidLayer":
        """The same layer, with the weights of such a vector."""
        ends = np.cumsum([part.size for part in self.parts])[:-1]
        parts = zip(self.parts, np.split(flat, ends), strict=True)
        return SigmoidLayer(self.activation, *(p.reshape(q.shape) for q, p in parts))

    def hidden(self, X: Array) -> tuple[Array, Callable[[], Array]]:
        """The sigmoids, and what makes their slopes."""
        h: Array = X @ self.inner
        h += self.biases
        slopes = _OF_ARGUMENTS.get(self.activation)
        if slopes is not None:
            z = h.copy()
            HIDDEN_SIGMOIDS[self.activation](h, out=h)
            return h, partial(slopes, z)
        HIDDEN_SIGMOIDS[self.activation](h, out=h)
        return h, partial(_OF_VALUES[self.activation], h)

    def values(self, X: Array) -> Array:
        """The outputs, (n_samples, n_targets)."""
        blocks = row_blocks(len(X), len(self.outer))
        parts = [self.hidden(X[rows])[0] @ self.outer for rows in blocks]
        return np.concatenate(parts) + self.intercepts

    def loss(self, samples: Samples, alpha: float) -> tuple[float, "SigmoidLayer"]:
        """Weighted mean squared error with a penalty on inner and outer weights.

        And the gradient, which is a layer too.
        """
        total, parts = 0.0, [np.zeros_like(part) for part in self.parts]
        for rows in row_blocks(len(samples), len(self.outer), _SHARE):
            X, share = samples.X[rows], samples.share[rows, None]
            h, slopes = self.hidden(X)
            error = h @ self.outer + self.intercepts - samples.targets[rows]
            total += float(np.sum(share * error**2))
            error = 2 * share * error
            below = slopes()
            below *= error @ self.outer.T
            made = X.T @ below, below.sum(axis=0), h.T @ error, error.sum(axis=0)
            for part, gradient in zip(parts, made, strict=True):
                part += gradient
        for place in (0, 2):
            total += alpha * float(np.sum(self.parts[place] ** 2))
            parts[place] += 2 * alpha * self.parts[place]
        return total, SigmoidLayer(self.activation, *parts)


def draw_layer(
    activation: str, sizes: tuple[int, int, int], rng: np.random.Generator
) -> SigmoidLayer:
    """Weights of N(0, 1 / fan_in) and biases of N(0, 1), those of the outputs 0."""
    n_features, n_hidden, n_targets = sizes
    return SigmoidLayer(
        activation,
        rng.standard_normal((n_features, n_hidden)) / np.sqrt(n_features),
        rng.standard_normal(n_hidden),
        rng.standard_normal((n_hidden, n_targets)) / np.sqrt(n_hidden),
        np.zeros(n_targets),
    )


def train_layer(
    start: SigmoidLayer, samples: Samples, alpha: float, max_iter: int, tol: float
) -> tuple[SigmoidLayer, list[float], str]:
    """The trained layer, losses by iteration, and what ended the training."""
    training = Training(max_iter)
    flat, reason = minimize_lbfgs(
        partial(_objective, start, samples, alpha), start.flat(), tol, training.record
    )
    return start.with_weights(flat), training.losses, reason


def _objective(
    layer: SigmoidLayer, samples: Samples, alpha: float, flat: Array
) -> tuple[float, Array]:
    loss, gradient = layer.with_weights(flat).loss(samples, alpha)
    return loss, gradient.flat()
