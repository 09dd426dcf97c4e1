"""Output weights of a net with a sigmoid output, trained on squared loss.

The objective is ``F(w, b) = sum_i p_i |s(H w + b)_i - y_i|^2 + alpha |w|^2`` with p the
weights divided by their sum and s the output sigmoid; hidden features H stay fixed.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize
from sklearn.exceptions import ConvergenceWarning

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS, OutputSigmoid


@dataclass
class SigmoidHead:
    """coef (n_features, n_targets), intercept (n_targets,), and how they came about."""

    coef: NDArray
    intercept: NDArray
    loss_curve: list[float]


class _Objective:
    """F and its gradient at parameters (w; b) of shape (n_features + 1, n_targets)."""

    def __init__(
        self,
        hidden: NDArray,
        targets: NDArray,
        sample_weight: NDArray | None,
        output: OutputSigmoid,
        alpha: float,
        fit_intercept: bool,
    ) -> None:
        n_samples = len(hidden)
        weight = np.ones(n_samples) if sample_weight is None else sample_weight
        self.share = (weight / weight.sum()).astype(hidden.dtype)[:, None]
        self.hidden, self.targets = hidden, targets
        self.output, self.alpha, self.fit_intercept = output, alpha, fit_intercept

    def __call__(self, parameters: NDArray) -> tuple[float, NDArray]:
        coef, intercept = parameters[:-1], parameters[-1]
        value, slope = self.output.apply(self.hidden @ coef + intercept)
        error = value - self.targets
        weighted = self.share * error
        loss = float((weighted * error).sum()) + self.alpha * float((coef**2).sum())
        pull = 2 * weighted * slope
        gradient = np.empty_like(parameters)
        gradient[:-1] = self.hidden.T @ pull + 2 * self.alpha * coef
        gradient[-1] = pull.sum(axis=0) if self.fit_intercept else 0.0
        return loss, gradient

    def smoothness(self) -> float:
        """A Lipschitz constant of the gradient, from the top singular value of H."""
        scaled = self.hidden * np.sqrt(self.share)
        wide = scaled.shape[1] > scaled.shape[0]
        gram = scaled @ scaled.T if wide else scaled.T @ scaled
        top = linalg.eigvalsh(gram, subset_by_index=[len(gram) - 1] * 2)[0]
        if self.fit_intercept:  # the column of ones, orthogonal to centred features
            top = max(top, 1.0)
        return 2 * (self.output.curvature * float(top) + self.alpha)


def train_sigmoid_head(
    hidden: NDArray,
    targets: NDArray,
    sample_weight: NDArray | None,
    initial: SigmoidHead,
    *,
    output: str,
    solver: str,
    learning_rate: float | str,
    alpha: float,
    fit_intercept: bool,
    max_iter: int,
    tol: float,
) -> SigmoidHead:
    """Train the head from ``initial``; an intercept has the features centred.

    ``hidden`` is overwritten.
    """
    mean = np.zeros(hidden.shape[1], dtype=hidden.dtype)
    if fit_intercept:
        mean = np.average(hidden, axis=0, weights=sample_weight).astype(hidden.dtype)
        hidden -= mean
    objective = _Objective(
        hidden, targets, sample_weight, OUTPUT_SIGMOIDS[output], alpha, fit_intercept
    )
    start = np.vstack([initial.coef, initial.intercept + mean @ initial.coef])
    if solver == "lbfgs":
        parameters, losses = _lbfgs(objective, start, max_iter, tol)
    else:
        rate = (
            1 / objective.smoothness()
            if isinstance(learning_rate, str)
            else learning_rate
        )
        parameters, losses = _gradient_descent(objective, start, rate, max_iter, tol)
    coef, intercept = parameters[:-1], parameters[-1]
    return SigmoidHead(coef, intercept - mean @ coef, losses)


def _lbfgs(
    objective: _Objective, start: NDArray, max_iter: int, tol: float
) -> tuple[NDArray, list[float]]:
    """L-BFGS until no entry of the gradient exceeds ``tol``."""
    losses: list[float] = []

    def flat(v: NDArray) -> tuple[float, NDArray]:
        loss, gradient = objective(v.reshape(start.shape).astype(start.dtype))
        return loss, gradient.astype(np.float64).ravel()

    result = optimize.minimize(
        flat,
        start.astype(np.float64).ravel(),
        jac=True,
        method="L-BFGS-B",
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
        options={
            "maxiter": max_iter,
            "maxfun": 20 * max_iter,
            "maxcor": 20,
            "gtol": tol,
            "ftol": 0.0,
        },
    )
    if result.nit >= max_iter:
        warnings.warn(
            f"L-BFGS stopped at max_iter={max_iter} with a gradient of "
            f"{np.abs(result.jac).max():.1e}, above tol={tol:.1e}. Raise max_iter, tol "
            "or alpha.",
            ConvergenceWarning,
            stacklevel=4,
        )
    parameters = result.x.reshape(start.shape).astype(start.dtype)
    return parameters, losses or [float(result.fun)]


def _gradient_descent(
    objective: _Objective, start: NDArray, rate: float, max_iter: int, tol: float
) -> tuple[NDArray, list[float]]:
    """Full-batch descent with a fixed step until the objective is <= ``tol``."""
    parameters, losses = start.copy(), []
    for _ in range(max_iter):
        loss, gradient = objective(parameters)
        losses.append(loss)
        if loss <= tol:
            return parameters, losses
        if not gradient.any():
            warnings.warn(
                f"Training is dead after {len(losses)} iterations, at loss {loss:.3g}: "
                "every pre-activation of the output lies where its slope is zero. "
                f"Lower learning_rate (now {rate:.3g}), or use "
                'learning_rate="auto" or output="logistic".',
                ConvergenceWarning,
                stacklevel=4,
            )
            return parameters, losses
        parameters -= parameters.dtype.type(rate) * gradient
        if not np.isfinite(parameters).all():
            raise ValueError(
                f"Gradient descent diverged after {len(losses)} iterations. Lower "
                f'learning_rate (now {rate:.3g}) or use learning_rate="auto".'
            )
    warnings.warn(
        f"Gradient descent stopped at max_iter={max_iter} with loss {losses[-1]:.3g}, "
        f"above tol={tol:.3g}. Raise max_iter or tol.",
        ConvergenceWarning,
        stacklevel=4,
    )
    return parameters, losses
