"""L-BFGS on NumPy alone.

SciPy's runs its small vectors through a BLAS of its own, whose threads and those of
NumPy's matrix products get in each other's way: fits took twice as long on two cores.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._tolerances import EPS

Objective = Callable[[NDArray], tuple[float, NDArray]]

_MEMORY = 20
_MOST_TRIALS = 20
# Weak Wolfe conditions: enough decrease, and a slope that has flattened enough.
_DECREASE, _FLATTENED = 1e-4, 0.9
# Losses that differ by this share may be the same, and so many steps in a row that do
# not lower such a loss are the last.
_ROUNDING, _MOST_STALLS = 16 * EPS, 3


def end_after(n_iterations: int) -> Callable[[float, NDArray], str | None]:
    """A record that gives "max_iter" as the reason once there are more iterations."""
    count = iter(range(n_iterations))

    def record(loss: float, x: NDArray) -> str | None:
        return "max_iter" if next(count, None) is None else None

    return record


def minimize_lbfgs(
    objective: Objective,
    x: NDArray,
    tol: float,
    record: Callable[[float, NDArray], str | None],
    is_scaled: bool = False,
) -> tuple[NDArray, str]:
    """Minimise until no entry of the gradient exceeds ``tol``; ``x`` in float64.

    ``record(loss, x)`` hears of every iteration and may give a reason to end. Returns x
    and the reason: "tol", "precision" where rounding hides any descent, or that one.
    ``is_scaled`` says that the Hessian is about one, as the first step then takes it.
    """
    loss, gradient = objective(x)
    if not np.isfinite(loss) or not np.isfinite(gradient).all():
        raise ValueError(
            f"The loss is {loss} at the start of the training, or its gradient is not "
            "finite. Scale the inputs and the weights."
        )
    pairs: deque[tuple[NDArray, NDArray]] = deque(maxlen=_MEMORY)
    stalled = 0
    while np.abs(gradient).max() > tol:
        direction = -_times_inverse_hessian(gradient, pairs, is_scaled)
        step = _line_search(objective, x, loss, gradient, direction)
        if step is None:
            return x, "precision"
        t, new_loss, new_gradient = step
        flatter = np.abs(new_gradient).max() < np.abs(gradient).max()
        stalled = 0 if flatter or not _is_same(new_loss, loss) else stalled + 1
        if stalled == _MOST_STALLS:
            return x, "precision"
        pairs.append((t * direction, new_gradient - gradient))
        x, loss, gradient = x + t * direction, new_loss, new_gradient
        if reason := record(loss, x):
            return x, reason
    return x, "tol"


def _is_same(loss: float, other: float) -> bool:
    """Up to rounding."""
    return abs(loss - other) <= _ROUNDING * abs(other)


def _times_inverse_hessian(
    gradient: NDArray, pairs: deque[tuple[NDArray, NDArray]], is_scaled: bool = False
) -> NDArray:
    """The two-loop recursion (Nocedal and Wright 2006, Algorithm 7.4)."""
    if not pairs:
        return gradient if is_scaled else gradient / np.linalg.norm(gradient)
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
    """A step with the weak Wolfe conditions by bisection (Lewis and Overton 2013).

    Where rounding hides what the loss does, the slopes of a parabola say whether it has
    decreased enough (Hager and Zhang 2005).
    """
    slope = gradient @ direction
    low, high, t = 0.0, np.inf, 1.0
    for _ in range(_MOST_TRIALS):
        new_loss, new_gradient = objective(x + t * direction)
        new_slope = new_gradient @ direction
        if _is_same(new_loss, loss):  # the slopes tell
            descends = new_slope <= (2 * _DECREASE - 1) * slope
        else:
            descends = new_loss <= loss + _DECREASE * t * slope
        if not descends:
            high = t
        elif new_slope < _FLATTENED * slope:
            low = t
        else:
            return t, new_loss, new_gradient
        t = 2 * low if high == np.inf else (low + high) / 2
    return None
