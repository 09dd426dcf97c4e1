"""What generators of labels share: probabilities, and what the best classifier has."""

from functools import cached_property

import numpy as np
from scipy.special import entr

from sklearn_depth.utils._random import check_generator

_N_DRAWS = 2**16


class LabelTruth:
    """Labels 0 and 1 of known probabilities.

    A subclass gives ``_probability(X)``, that of label 1 at validated inputs, and
    ``_draw_probabilities(n_samples, rng)``, its values at fresh ones.
    """

    def predict_proba(self, X):
        """Compute the probabilities of the labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        probability : ndarray of shape (n_samples, 2)
            Those of 0 and of 1.
        """
        p = self._probability(self._check_inputs(X))
        return np.column_stack([1 - p, p])

    @property
    def bayes_accuracy(self):
        """The best accuracy that any classifier can have, ``E max(p, 1 - p)``.

        Where it has no closed form it is the mean of 65 536 draws of a fixed seed.
        """
        return float(np.mean(np.maximum(self._drawn, 1 - self._drawn)))

    @property
    def bayes_log_loss(self):
        """The least log loss of any probabilities, the mean entropy of the labels.

        Where it has no closed form it is the mean of 65 536 draws of a fixed seed.
        """
        return float(np.mean(entr(self._drawn) + entr(1 - self._drawn)))

    @cached_property
    def _drawn(self):
        return self._draw_probabilities(_N_DRAWS, check_generator(0))
