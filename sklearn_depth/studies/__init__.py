"""Instruments that measure how many samples learners need, and draw what they found."""

from sklearn_depth.studies._one_layer_sigmoid import OneLayerSigmoidRegressor
from sklearn_depth.studies._predicted_curve import (
    PredictedLearningCurve,
    predicted_learning_curve,
)
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._run_cells import run_cells
from sklearn_depth.studies._sample_complexity import sample_complexity_curve
from sklearn_depth.studies._sample_complexity_display import SampleComplexityDisplay
from sklearn_depth.studies._scaling import scaling_exponent
from sklearn_depth.studies._scaling_display import ScalingExponentDisplay

__all__ = [
    "OneLayerSigmoidRegressor",
    "PredictedLearningCurve",
    "SampleComplexityDisplay",
    "ScalingExponentDisplay",
    "StudyResult",
    "predicted_learning_curve",
    "run_cells",
    "sample_complexity_curve",
    "scaling_exponent",
]
