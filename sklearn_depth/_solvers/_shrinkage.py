"""How far to trust a trained network: its outputs shrunk as its lazy twin's should be.

Near its first weights a network is a kernel machine, with the kernel K = JJ' of the
derivatives J of its outputs in the weights. The ridge regression with this kernel that
fits the training samples as closely as the trained network does is asked to predict
each sample from the others. The slope of the targets on these predictions, at most 1,
is what the outputs are worth: 0 where all that was fitted is noise.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._dense_network import DenseNetwork
from sklearn_depth._math._samples import Array, Samples
from sklearn_depth._math._tolerances import LEAST_FREE

# Penalties, in shares of the largest eigenvalue of the kernel.
_SHARES = np.geomspace(1e6, 1e-9, 61)
# What fewer samples say of each other is chance. Of more the kernel is slow, and a
# network has less noise to fit.
LEAST_ROWS, MOST_ROWS = 10, 2000


def lazy_shrinkage(first: DenseNetwork, last: DenseNetwork, samples: Samples) -> Array:
    """Factors for the outputs of a network trained from ``first`` to ``last``.

    X has the inputs, all different, and the targets have mean 0.
    """
    shares = samples.share
    kernel = first.tangent_kernel(samples.X)
    kernel -= shares @ kernel
    kernel -= (kernel @ shares)[:, None]
    root = np.sqrt(shares)
    eigenvalues, vectors = np.linalg.eigh(root[:, None] * kernel * root)
    twin = _Twin(np.maximum(eigenvalues, 0), vectors, shares)
    misses = samples.targets - last.values(samples.X)
    columns = zip(samples.targets.T, shares @ misses**2, strict=True)
    return np.array([twin.slope(root * target, error) for target, error in columns])


@dataclass(frozen=True)
class _Twin:
    """The eigenbasis of a kernel, and the samples' shares of the weight."""

    eigenvalues: Array
    vectors: Array
    shares: Array

    def slope(self, target: Array, error: float) -> float:
        """That of a target on what the others say of each sample, fitted as closely.

        The mean of the others is said of each anyway, and does not count.
        """
        alphas = _SHARES[:, None] * self.eigenvalues[-1]
        if not (alphas[-1] > 0 and target.any()):
            return 1.0
        fits = self.eigenvalues / (self.eigenvalues + alphas)
        loadings = self.vectors.T @ target
        errors = (1 - fits) ** 2 @ loadings**2
        fit = fits[np.argmax(errors <= max(error, errors[-1]))]
        others = 1 - self.shares
        free = np.maximum(others - self.vectors**2 @ fit, LEAST_FREE)
        residual = target - self.vectors @ (fit * loadings)
        actual = target / others
        said = actual - residual / free
        size = said @ said
        return float(np.clip(said @ actual / size, 0, 1)) if size > 0 else 1.0
