"""Scores of targets and of what an estimator has learned, beside its predictions."""

from sklearn_depth.metrics._radialness import radialness_score
from sklearn_depth.metrics._scores import (
    information_exponent,
    normalized_mse,
    subspace_alignment_score,
)

__all__ = [
    "information_exponent",
    "normalized_mse",
    "radialness_score",
    "subspace_alignment_score",
]
