"""Heads on all samples, of layers that were learned from some of them."""

from dataclasses import replace
from functools import partial

import numpy as np

from sklearn_depth._math._row_means import RowMeans
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth._solvers.two_layer._all_labels import with_class_heads
from sklearn_depth._solvers.two_layer._all_rows import Heads
from sklearn_depth._solvers.two_layer._robust import Heed
from sklearn_depth.utils._streams import means_with_rows
from sklearn_depth.utils._validation import validate_samples


class RidgeHeads:
    """Ridge heads and their mixture by their errors, in one pass."""

    validate = staticmethod(validate_samples)
    seen = {}

    def __init__(self, model):
        self._model = model
        if is_word(model.alpha, "loo"):
            raise ValueError(
                'alpha="loo" needs all samples at once, and heads on more samples than '
                'the subsample are fitted from sums. Set alpha="gcv" or a number, or a '
                "larger subsample."
            )

    def check(self, samples):
        """Refuse samples that layers cannot be learned from; there are none."""

    def fit(self, learned, first, samples, passed):
        """The mixture, the units of its outputs, and what a layer sees of samples.

        ``first`` is the mixture by the samples that layers were learned from.
        """
        model, heed = self._model, None
        if model.loss == "cauchy":
            at = samples.at(learned.inputs.of(samples.X))
            heed = Heed.of(first.layer, first.head, at)
        heads = Heads(
            learned.inputs,
            [candidate.layer for candidate in first.chosen],
            samples.n_targets,
            learned.linear if model.linear_part == "moment" else None,
            heed,
        )
        sums = passed(heads.no_rows, heads.update)
        mixture = heads.mixture(sums, model.alpha, np.finfo(samples.X.dtype).eps)
        weights = np.zeros(first.weights.shape)
        weights[first.weights.max(axis=1) > 0] = mixture.weights
        return replace(mixture, weights=weights), sums.target_scale, heads.seen


class LogisticHeads:
    """Logistic heads: the subsample has chosen their penalties and their mixture."""

    def __init__(self, model, classes):
        self.validate, self.seen = classes.validate, classes.seen
        self._total, self._chosen = classes.total, isinstance(model.alpha, str)

    def check(self, samples):
        """Refuse samples that layers cannot be learned from."""
        if np.isinf(samples.scale).all():
            raise ValueError(
                f"The subsample of {len(samples):,} samples has 1 class only, of "
                f"{len(self.seen['classes_'])}. Set a larger subsample."
            )

    def fit(self, learned, first, samples, passed):
        """The same, in a pass for each gradient."""
        inputs_of = partial(_inputs_of, learned.inputs)
        most = max(candidate.layer.n_columns for candidate in first.chosen)

        def means_of(function):
            return passed(RowMeans, partial(means_with_rows, inputs_of, most, function))

        at = inputs_of(samples)
        mixture = with_class_heads(first, at, means_of, self._total, self._chosen)
        return mixture, 1.0, inputs_of


def _inputs_of(inputs, samples):
    return samples.at(inputs.of(samples.X))
