"""Landmarks of samples that lie in Dask collections."""

from dataclasses import replace
from functools import partial

import numpy as np

from sklearn_depth._kernel_ridge._matrices import landmarks_of, rows_that_count
from sklearn_depth._solvers.ridge._moments import RidgeMoments
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth.utils._streams import sum_blocks
from sklearn_depth.utils._validation import held_columns


def check_sums_suffice(kernel, n_components, alpha):
    """Refuse what needs all samples at once, which Dask does not hold."""
    if n_components is None or kernel.is_given:
        what = 'kernel="precomputed"' if kernel.is_given else "n_components=None"
        raise ValueError(
            f"{what} needs all samples in memory, and those of a Dask collection are "
            "not. Set n_components, to 1000 say, and a kernel of two samples."
        )
    if is_word(alpha, "loo") or is_word(alpha, "evidence"):
        raise ValueError(
            f'alpha="{alpha}" needs all samples in memory, and those of a Dask '
            'collection are not. Set alpha="gcv" or a number.'
        )


def sampled_landmarks(kernel, X, samples, n_components, rng):
    """Landmarks of a sample, without its features, and their numbers in it."""
    X = rows_that_count(X, samples.X, precomputed=False)
    landmarks = landmarks_of(kernel, X, samples.weight, n_components, rng)
    return replace(landmarks, features=np.empty((0, 0))), samples.X[landmarks.indices]


def sum_features(model, rows, seen, kernel, places, landmarks, n_targets):
    """Sums over samples of the features that landmarks at these places give."""
    empty = partial(RidgeMoments, len(places), n_targets)
    update = partial(_with_rows, kernel, places, landmarks)
    sums, _ = sum_blocks(model, rows, seen | held_columns(None), empty, update)
    return sums


def _with_rows(kernel, places, landmarks, sums, samples):
    def features_of(X):
        return landmarks.features_of(kernel(X, places))

    return sums.update_in_blocks(features_of, samples.merged())
