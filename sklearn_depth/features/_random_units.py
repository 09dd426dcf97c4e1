"""Random hidden units, or the products that many squares of them amount to."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._spheres import random_directions
from sklearn_depth.features._hermite import HermiteFeatures

ACTIVATIONS = {"square": np.square, "abs": np.abs, "relu": lambda z: np.maximum(z, 0)}


@dataclass(frozen=True, eq=False)
class RandomUnits:
    """The scaled inputs z and ``activation(<v_j, z>)``.

    Without v, all products of z up to degree 2, which many squares span.

    basis : fitted HermiteFeatures of degree 2, which also scale the inputs.
    directions : (n_hidden, n_features), unit vectors v_j, or None.
    activation : a key of ACTIVATIONS.
    """

    basis: HermiteFeatures
    directions: np.ndarray | None
    activation: str

    @property
    def n_units(self):
        """Number of outputs: scaled inputs and units."""
        n_hidden = None if self.directions is None else len(self.directions)
        return count_units(n_hidden, self.basis.n_features_in_)

    def _map(self, X):
        """The units of validated X."""
        if self.directions is None:
            return self.basis._map(X)
        z = self.basis._scale(X)
        directions = self.directions.astype(z.dtype, copy=False)
        return np.hstack([z, ACTIVATIONS[self.activation](z @ directions.T)])


def count_units(n_hidden, n_features):
    """The same before anything is drawn."""
    if n_hidden is None:
        return n_features * (n_features + 3) // 2
    return n_features + n_hidden


def draw_units(n_hidden, activation, scaling, samples, rng):
    """Random units for training data; the products where ``n_hidden`` is None."""
    basis = HermiteFeatures(degree=2, scaling=scaling)
    columns = {"n_features_in_": samples.n_features}
    if n_hidden is None:
        return RandomUnits(basis._fit_samples(samples, columns), None, activation)
    basis._fit_scales(samples, columns)
    directions = random_directions(n_hidden, samples.n_features, rng)
    return RandomUnits(basis, directions, activation)
