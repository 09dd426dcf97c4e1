"""Loss, gradient and effective parameters of a two-layer ReLU network, in torch.

The network is ``f(z) = relu(V [z, 1]) A + [z, 1] L`` with V (n_hidden, n_features + 1),
A (n_hidden, n_targets) and L (n_features + 1, n_targets), flattened in this order.
Torch is imported only where such a loss is made.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._device import find_device
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth.utils._memory import row_blocks

# Several arrays of the size of a block are alive, which a cache should hold; a GPU
# needs blocks that take longer than it does to start on them.
_COLUMNS_PER_UNIT = {"cpu": 8.0, "cuda": 1 / 16}
# Conjugate gradients: an error of the solution matters in second order.
_TOLERANCE = 0.01
_MOST_PRODUCTS = 60


class NetworkLoss:
    """``sum_i share_i |f(z_i) - y_i|^2 / 2`` of samples (z_i, y_i).

    They go through in blocks, so that no array of all samples and units stands.
    ``device`` is where: "cpu", "cuda", or "auto" for the second where there is one.
    """

    def __init__(self, samples: Samples, n_hidden: int, *, device: str) -> None:
        import torch

        self._torch: Any = torch
        self._device = find_device(device)
        ones = np.ones(len(samples))
        self._inputs = self._tensor(np.column_stack([samples.X, ones]))
        self._targets = self._tensor(samples.targets)
        self._share = self._tensor(samples.share[:, None])
        n_inputs, n_targets = self._inputs.shape[1], samples.n_targets
        self._shapes = [
            (n_hidden, n_inputs),
            (n_hidden, n_targets),
            (n_inputs, n_targets),
        ]
        n_columns = int(n_hidden * _COLUMNS_PER_UNIT[self._device])
        self._blocks: list[slice] = row_blocks(len(samples), n_columns)

    def __call__(self, x: Array, decay: float) -> tuple[float, Array]:
        """The loss plus ``decay (|V|^2 + |A|^2) / 2``, and its gradient."""
        with self._torch.enable_grad():  # whatever the caller's mode is
            parameters = self._tensor(x).requires_grad_()
            V, A, L = self._parts(parameters)
            penalty = decay / 2 * ((V**2).sum() + (A**2).sum())
            penalty.backward(retain_graph=True)
            loss = penalty.detach()
            for rows in self._blocks:
                part = (self._share[rows] * self._errors(V, A, L, rows) ** 2).sum() / 2
                part.backward(retain_graph=True)
                loss += part.detach()
        return float(loss), parameters.grad.cpu().numpy()

    def squared_errors(self, x: Array) -> Array:
        """``sum_i share_i (f_k(z_i) - y_ik)^2`` for each target k."""
        V, A, L = self._parts(self._tensor(x))
        total = sum(
            (self._share[rows] * self._errors(V, A, L, rows) ** 2).sum(dim=0)
            for rows in self._blocks
        )
        return np.asarray(total.cpu())

    def effective_parameters(
        self, x: Array, k: int, decay: float, signs: Array
    ) -> float:
        """tr(J'SJ (J'SJ + decay I)^-1), estimated with a vector of random signs s.

        J holds the gradients of output k in its parameters, S the shares: the trace is
        the mean of |s|^2 - decay <s, (J'SJ + decay I)^-1 s>.
        """
        V, A, _ = self._parts(self._tensor(x))
        s = self._tensor(signs)
        solution, residual, direction = s * 0, s.clone(), s.clone()
        square = s @ s
        goal = _TOLERANCE**2 * square
        for _ in range(_MOST_PRODUCTS):
            product = self._normal_product(V, A[:, k], direction) + decay * direction
            step = square / (direction @ product)
            solution += step * direction
            residual -= step * product
            last, square = square, residual @ residual
            if square <= goal:
                break
            direction = residual + square / last * direction
        return float(s @ s) - decay * float(s @ solution)

    def curvature(self, x: Array, k: int) -> Array:
        """J'SJ, for networks of few parameters."""
        V, A, _ = self._parts(self._tensor(x))
        total: Any = 0
        for rows in row_blocks(len(self._inputs), V.numel()):
            z = self._inputs[rows]
            units = z @ V.T
            to_V = ((units > 0) * A[:, k])[:, :, None] * z[:, None, :]
            J = self._torch.cat([to_V.flatten(1), units.relu_(), z], dim=1)
            total += (self._share[rows] * J).T @ J
        return np.asarray(total.cpu())

    def _normal_product(self, V: Any, a: Any, x: Any) -> Any:
        """J'SJ times the flat parameters of a network with one output."""
        dV, da, dL = x.split([V.numel(), len(a), V.shape[1]])
        dV = dV.reshape(V.shape)
        to_V, to_a, to_L = dV * 0, da * 0, dL * 0
        for rows in self._blocks:
            z = self._inputs[rows]
            units = z @ V.T
            gates = (units > 0) * a
            units.relu_()
            moved = units @ da + (gates * (z @ dV.T)).sum(dim=1) + z @ dL
            moved *= self._share[rows, 0]
            to_V += (gates * moved[:, None]).T @ z
            to_a += units.T @ moved
            to_L += z.T @ moved
        return self._torch.cat([to_V.ravel(), to_a, to_L])

    def _errors(self, V: Any, A: Any, L: Any, rows: slice) -> Any:
        z = self._inputs[rows]
        return (z @ V.T).relu_() @ A + z @ L - self._targets[rows]

    def _parts(self, x: Any) -> list[Any]:
        """V, A and L as views of the flat parameters."""
        pieces = x.split([rows * columns for rows, columns in self._shapes])
        return [p.reshape(s) for p, s in zip(pieces, self._shapes, strict=True)]

    def _tensor(self, array: NDArray) -> Any:
        return self._torch.tensor(array, dtype=self._torch.float64, device=self._device)
