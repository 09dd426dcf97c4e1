"""Scores of targets and of what an estimator has learned, beside its predictions."""

from sklearn_depth.metrics._exponents import generative_exponent, information_exponent
from sklearn_depth.metrics._leap import leap_complexity
from sklearn_depth.metrics._matching import neuron_matching_score
from sklearn_depth.metrics._path_norm import path_norm
from sklearn_depth.metrics._radialness import radialness_score
from sklearn_depth.metrics._scores import normalized_mse, subspace_alignment_score
from sklearn_depth.metrics._weak_recovery import (
    optimal_label_transform,
    weak_recovery_threshold,
)

__all__ = [
    "generative_exponent",
    "information_exponent",
    "leap_complexity",
    "neuron_matching_score",
    "normalized_mse",
    "optimal_label_transform",
    "path_norm",
    "radialness_score",
    "subspace_alignment_score",
    "weak_recovery_threshold",
]
