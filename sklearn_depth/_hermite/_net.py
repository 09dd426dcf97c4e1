"""What regressor and classifier share: the basis, and one fit."""

import numpy as np

from sklearn_depth._base import FeatureMapModel
from sklearn_depth._hermite._degrees import CUBIC, degrees_to_try
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth.features import HermiteFeatures
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._sklearn import StrOptions, store_fit


class HermiteNet(FeatureMapModel):
    """A head on Hermite products up to a degree that is given or chosen.

    A subclass has ``_found(samples, seen)``, the fitted attributes beside ``seen``.
    """

    _parameter_constraints: dict = {
        **HermiteFeatures._parameter_constraints,
        "degree": [POSITIVE_INTEGER, StrOptions({"auto"})],
    }

    def _fit_samples(self, samples, seen):
        return store_fit(self, seen | self._found(samples.merged(), seen))

    def _basis(self, degree):
        return HermiteFeatures(
            degree=degree,
            truncation=self.truncation,
            max_interaction=self.max_interaction,
            scaling=self.scaling,
        )

    def _degrees(self, n_features, n_samples=np.inf):
        """The degree, or those that the evidence is to choose from, ascending."""
        if self.degree != "auto":
            return (self.degree,)
        if not is_word(self.alpha, "evidence"):
            return (CUBIC,)
        _, *truncation = self._basis(CUBIC)._truncation()
        solver = getattr(self, "solver", "auto")
        return degrees_to_try(n_samples, n_features, solver, *truncation)
