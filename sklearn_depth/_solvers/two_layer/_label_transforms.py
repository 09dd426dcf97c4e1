"""Labels of the first gradient step, and whether they show it a direction.

The step sees the target through the matrix E[l zz'] of its labels l. Transforms of the
labels see targets that the labels themselves do not, such as He3 (Mondelli and
Montanari 2019, arXiv:1708.05932; Damian, Pillaud-Vivien, Lee and Bruna 2024,
arXiv:2403.05529). Samples have inputs z as their X.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sklearn_depth._math._quantiles import weighted_median
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._whitening import whitened

LABEL_KINDS = ("identity", "clip", "distance")
GIVEN = "given"
LabelTransform = str | Callable[[NDArray], NDArray] | None

# Cuts of labels at unit variance.
_CLIP, _FAR = 1.0, 2.0
# The largest eigenvalue of noise is 1 + x d^(-2/3) / 2 times the edge, x of the law of
# Tracy and Widom, whose 99 % quantile is 2.02.
_FLUCTUATION = 1.01


@dataclass(frozen=True)
class ChosenLabels:
    """What the units take as labels.

    labels : (n_samples, n_kinds * n_targets), kind by kind.
    names : (n_kinds,), which of LABEL_KINDS they are, or GIVEN.
    standout : how far a direction stands out of the noise, at most over all kinds; see
        :func:`quadratic_standout`.
    """

    labels: Array
    names: NDArray[np.str_]
    standout: float


def choose_labels(
    residual: NDArray, samples: Samples, transform: LabelTransform
) -> ChosenLabels:
    """Labels of one kind, or for "auto" of all that show a direction.

    Of all kinds where none does; None leaves the residual as it is, and a callable
    takes the targets.
    """
    blocks, names = residual[None], np.array(LABEL_KINDS[:1])
    if callable(transform):
        blocks, names = given_labels(transform, samples)[None], np.array([GIVEN])
    elif transform is not None:
        blocks, names = transformed_labels(residual, samples), np.array(LABEL_KINDS)
    if transform in LABEL_KINDS:
        blocks, names = blocks[names == transform], names[names == transform]
    inputs, columns = whitened(samples), np.hstack(list(blocks))
    ratios = quadratic_standout(inputs, columns, samples.share)
    ratios = ratios.reshape(len(blocks), -1).max(axis=1)
    seen = ratios > standout_level(inputs.shape[1])
    kept = seen if seen.any() else np.full(len(blocks), True)
    return ChosenLabels(np.hstack(list(blocks[kept])), names[kept], float(ratios.max()))


def transformed_labels(residual: NDArray, samples: Samples) -> Array:
    """The residual and two bounded transforms, (n_kinds, n_samples, n_targets).

    "clip" is ``clip(r, -1, 1)``, which resists outliers, and "distance" is
    ``min(|r - median|, 2)``, which sees even links of odd targets; both of r at unit
    variance, centred and freed of their linear moment.
    """
    share = samples.share
    deviation = np.sqrt(share @ residual**2)
    residual = residual / np.where(deviation > 0, deviation, 1)
    far = np.minimum(np.abs(residual - weighted_median(residual, share)), _FAR)
    bounded = np.stack([np.clip(residual, -_CLIP, _CLIP), far])
    bounded = np.stack([_without_linear_moment(labels, samples) for labels in bounded])
    return np.concatenate([residual[None], bounded])


def given_labels(
    transform: Callable[[NDArray], NDArray], samples: Samples
) -> NDArray[np.float64]:
    """A transform of the targets, centred and freed of its linear moment."""
    labels = np.asarray(transform(samples.targets), dtype=np.float64)
    if labels.shape != samples.targets.shape:
        raise ValueError(
            f"label_transform returned shape {labels.shape} for targets of shape "
            f"{samples.targets.shape}. Write it with NumPy operations on whole arrays."
        )
    if not np.isfinite(labels).all():
        at = samples.targets[~np.isfinite(labels)][0]
        raise ValueError(
            f"label_transform is not finite at {at:.3g}. Pass one that is finite at "
            f"all targets, which go from {samples.targets.min():.3g} to "
            f"{samples.targets.max():.3g}."
        )
    return _without_linear_moment(labels, samples)


def _without_linear_moment(labels: NDArray, samples: Samples) -> Array:
    Z, share = samples.X, samples.share
    labels = labels - share @ labels
    return labels - Z @ (Z.T @ (share[:, None] * labels))


def quadratic_standout(inputs: Array, labels: NDArray, share: Array) -> Array:
    """Largest eigenvalue of +-E[l zz'] over where it ends for labels at random.

    For each column of ``labels``. Inputs are those of :func:`whitened`; given their
    lengths, labels at random may go with any direction.
    """
    d = inputs.shape[1]
    lengths = np.einsum("ij,ij->i", inputs, inputs) / max(d, 1)
    ratios = np.zeros(labels.shape[1])
    for k, label in enumerate(labels.T):
        label = share * label
        matrix = inputs.T @ (label[:, None] * inputs)
        low, high = np.linalg.eigvalsh(matrix)[[0, -1]] if d else (0.0, 0.0)
        for top, weights in ((high, label * lengths), (-low, -label * lengths)):
            edge = bulk_edge(weights, d)
            ratios[k] = max(ratios[k], top / edge if edge > 0 else 0.0)
    return ratios


def linear_standout(inputs: Array, targets: Array, share: Array) -> float:
    """|E[y z]|^2 over where noise ends, at most over targets of unit variance.

    n times that is chi-squared in d degrees of freedom for noise, n the effective
    number of samples; it ends three standard deviations above d.
    """
    n_samples, d = 1 / (share @ share), inputs.shape[1]
    moments = inputs.T @ (share[:, None] * targets)
    largest = np.max((moments**2).sum(axis=0), initial=0.0)
    return float(n_samples * largest / (d + 3 * np.sqrt(2 * d))) if d else 0.0


def standout_level(n_features: int) -> float:
    """What noise exceeds once in a hundred times, in so many dimensions."""
    return 1 + _FLUCTUATION * max(n_features, 1) ** (-2 / 3)


def bulk_edge(weights: NDArray, n_features: int) -> float:
    """Right edge of the eigenvalues of sum_i t_i g_i g_i', g ~ N(0, I_d).

    The minimum over lambda > max t of ``lambda (d + sum_i t_i / (lambda - t_i))``, in
    the limit of many features and samples. For n weights of 1 / n that is
    (1 + sqrt(d / n))^2, the edge of Marchenko and Pastur.
    """
    top = max(weights.max(), 0.0)
    widest = np.sqrt(np.sum(weights**2) / n_features) if n_features else 0.0
    if widest <= 0:
        return 0.0

    def slope(log_gap: float) -> float:
        gap = top + np.exp(log_gap) - weights
        return float(np.sum((weights / gap) ** 2)) - n_features

    high = np.log(widest)
    low = high - 25
    if slope(low) <= 0:
        return 0.0
    gap = np.exp(optimize.brentq(slope, low, high + 1e-9))
    level = top + gap
    return float(level * (n_features + np.sum(weights / (level - weights))))
