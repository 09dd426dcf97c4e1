"""Whether anything tells the targets from noise, and what to say where nothing does."""

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.two_layer._kernel_start import (
    error_of_chance,
    stands_out,
)
from sklearn_depth._solvers.two_layer._label_transforms import standout_level
from sklearn_depth._solvers.two_layer._layers import fit_on_the_way
from sklearn_depth._solvers.two_layer._robust import robust_distances
from sklearn_depth._solvers.two_layer._search import Learned, scaled
from sklearn_depth._solvers.two_layer._whitening import whitened

# Targets beyond so many robust deviations are outliers.
_FAR = 10.0


def what_is_lost(learned: Learned, without: str) -> str | None:
    """What to say where neither labels nor estimated errors tell y from noise.

    ``without`` names what is predicted without X.
    """
    samples, labels = learned.samples, learned.labels
    if not np.isfinite(samples.scale).any():
        return None
    if labels is None and "sparse" not in learned.layers:  # no label was used
        return None
    if labels is not None and stands_out(labels, samples):
        return None
    n_samples, error = len(samples), _least_error(learned)
    if error < error_of_chance(n_samples):
        return None
    found = f"the least estimated error is {error:.2f} of the variance of y"
    if labels is not None:
        level = standout_level(whitened(samples).shape[1])
        found = (
            f"the largest eigenvalue of the labels' moments is {labels.standout:.2f} "
            f"times its edge, and only {level:.2f} is beyond chance"
        )
    return (
        f"No direction of the {samples.n_features} features stands out of the noise of "
        f"{n_samples} samples: {found}. Expect predictions no better than {without}. "
        f"{_advice(samples)}"
    )


def _least_error(learned: Learned) -> float:
    """The least of the steps and of the linear fit; of too few steps, of the layer."""
    if learned.was_told:
        return learned.bar
    layer, _ = fit_on_the_way(learned.layer, scaled(learned.samples))
    return min(learned.bar, layer.mean_error(len(learned.samples)))


def _advice(samples: Samples) -> str:
    """To look at outliers where there are any."""
    far = robust_distances(samples.targets, samples.weight).max(axis=1)
    if far.max() <= _FAR:
        return "Take more samples or fewer features, or accept that X says little of y."
    return (
        f"{np.sum(far > _FAR)} of the targets are more than {_FAR:g} robust standard "
        f"deviations from their median, the furthest {far.max():.3g}, and may hide "
        'what the others show. Check them; loss="cauchy" nearly ignores them.'
    )
