"""L-BFGS on NumPy alone.

SciPy's runs its small vectors through a BLAS of its own, whose threads and those of
NumPy's matrix products get in each other's way: fits took twice as long on two cores.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Objective = Callable[[NDArray], tuple[float, NDArray]]

_MEMORY = 20
_MOST_TRIALS = 20
# Weak Wolfe conditions: enough decrease, and a slope that has flattened enough.
_DECREASE, _FLATTENED = 1e-4, 0.9


def minimize_lbfgs(
    objective: Objective,
    x: NDArray,
    tol: float,
    record: Callable[[float, NDArray], str | None],
) -> tuple[NDArray, str]:
    """Minimise until no entry of the gradient exceeds ``tol``; ``x`` in float64.

    ``record(loss, x)`` hears of every iteration and may give a reason to end. Returns x
    and the reason: "tol", "precision" where rounding hides any descent, or that one.
    """
    loss, gradient = objective(x)
    if not np.isfinite(loss) or not np.isfinite(gradient).all():
        raise ValueError(
            f"The loss is {loss} at the start of the training, or its gradient is not "
            "finite. Scale the inputs and the weights."
        )
    pairs: deque[tuple[NDArray, NDArray]] = deque(maxlen=_MEMORY)
    while np.abs(gradient).max() > tol:
        direction = -_times_inverse_hessian(gradient, pairs)
        step = _line_search(objective, x, loss, gradient, direction)
        if step is None:
            return x, "precision"
        t, new_loss, new_gradient = step
        if new_loss == loss and np.abs(new_gradient).max() >= np.abs(gradient).max():
            return x, "precision"
        pairs.append((t * direction, new_gradient - gradient))
        x, loss, gradient = x + t * direction, new_loss, new_gradient
        if reason := record(loss, x):
            return x, reason
    return x, "tol"


def _times_inverse_hessian(
    gradient: NDArray, pairs: deque[tuple[NDArray, NDArray]]
) -> NDArray:
    """The two-loop recursion (Nocedal and Wright 2006, Algorithm 7.4)."""
    if not pairs:
        return gradient / np.linalg.norm(gradient)
    q, weights = gradient.copy(), []
    for step, change in reversed(pairs):
        weights.append(step @ q / (step @ change))
        q -= weights[-1] * change
    step, change = pairs[-1]
    q *= step @ change / (change @ change)
    for step, change in pairs:
        q += (weights.pop() - change @ q / (step @ change)) * step
    return q


def _line_search(
    objective: Objective,
    x: NDArray,
    loss: float,
    gradient: NDArray,
    direction: NDArray,
) -> tuple[float, float, NDArray] | None:
    """A step with the weak Wolfe conditions by bisection (Lewis and Overton 2013)."""
    slope = gradient @ direction
    low, high, t = 0.0, np.inf, 1.0
    for _ in range(_MOST_TRIALS):
        new_loss, new_gradient = objective(x + t * direction)
        if not new_loss <= loss + _DECREASE * t * slope:
            high = t
        elif new_gradient @ direction < _FLATTENED * slope:
            low = t
        else:
            return t, new_loss, new_gradient
        t = 2 * low if high == np.inf else (low + high) / 2
    return None
