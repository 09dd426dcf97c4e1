"""What skl2onnx is given for each class: the shapes of outputs, and a converter."""

import numpy as np
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from skl2onnx.common.utils import (
    check_input_and_output_numbers,
    check_input_and_output_types,
)
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted

import sklearn_depth
from sklearn_depth import features
from sklearn_depth.onnx import _maps, _models
from sklearn_depth.onnx._graph import Graph, float_type

# Functions of a graph, the name of its input and the fitted model; they return the
# names of what they made.
_BUILDERS = {
    sklearn_depth.FixedHiddenSigmoidClassifier: _models.fixed_hidden_classifier,
    sklearn_depth.FixedHiddenSigmoidRegressor: _models.fixed_hidden_regressor,
    sklearn_depth.HermitePolynomialClassifier: _models.classifier_on(_maps.hermite_map),
    sklearn_depth.HermitePolynomialRegressor: _models.hermite_regressor,
    sklearn_depth.ReLUNetworkClassifier: _models.relu_network_classifier,
    sklearn_depth.ReLUNetworkRegressor: _models.relu_network_regressor,
    sklearn_depth.ThreeLayerFeatureClassifier: _models.classifier_on(_maps.hinge_map),
    sklearn_depth.ThreeLayerFeatureRegressor: _models.regressor_on(_maps.hinge_map),
    sklearn_depth.TwoLayerGDClassifier: _models.classifier_on(_maps.relu_map),
    sklearn_depth.TwoLayerGDRegressor: _models.regressor_on(_maps.relu_map),
    features.HermiteFeatures: lambda *given: [_maps.hermite_map(*given)],
    features.LearnedReLUFeatures: lambda *given: [_maps.relu_map(*given)],
    features.SigmoidFeatures: lambda *given: [_maps.sigmoid_map(*given)],
}
# Regressors that another step may follow, which then takes these.
_TRANSFORMS = {
    sklearn_depth.ThreeLayerFeatureRegressor: (
        lambda graph, x, model: _maps.learned_features(graph, x, model.features_)
    ),
    sklearn_depth.TwoLayerGDRegressor: _maps.projection,
}
# Those that every classifier of skl2onnx has: how labels and probabilities come out.
_OPTIONS = {
    "nocl": [True, False],
    "output_class_labels": [False, True],
    "zipmap": [True, False, "columns"],
}


def converters():
    """Class, shape function, converter and options, one after the other."""
    for model_class, build in _BUILDERS.items():
        classifies = is_classifier(model_class())
        shape = _classifier_shapes if classifies else _array_shape
        yield model_class, shape, _converter(build), _OPTIONS if classifies else None


def _converter(build):
    """The function that skl2onnx calls to convert a model."""

    def convert(scope, operator, container):
        graph = Graph(scope, container, float_type(operator))
        (x,) = operator.input_full_names
        outputs = operator.output_full_names
        model = operator.raw_operator
        x = _held(graph, x, model)
        if is_regressor(model) and _transforms(operator):
            made = [_TRANSFORMS[type(model)](graph, x, model)]
        else:
            made = build(graph, x, model)
        for value, output in zip(made, outputs, strict=True):
            graph.name(value, output)

    return convert


def _held(graph, x, model):
    """Features that were constant in the training samples, as they were there."""
    values = getattr(model, "_held_columns_", None)
    if values is None:
        return x
    held = ~np.isnan(values)
    return graph("Where", graph.cast(held, np.bool_), np.where(held, values, 0.0), x)


def _array_shape(operator):
    """One array of the inputs' type."""
    model, kind = _checked(operator)
    if _transforms(operator):
        width = len(model.get_feature_names_out())
    else:
        width = _n_targets(model)
    n_samples = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type = kind([n_samples, width])


def _classifier_shapes(operator):
    """Labels, and probabilities of the inputs' type."""
    _checked(operator)
    calculate_linear_classifier_output_shapes(operator)


def _checked(operator):
    """The fitted model and the type of its inputs."""
    check_input_and_output_numbers(operator, input_count_range=1)
    check_input_and_output_types(
        operator, good_input_types=[FloatTensorType, DoubleTensorType]
    )
    check_is_fitted(operator.raw_operator)
    return operator.raw_operator, type(operator.inputs[0].type)


def _transforms(operator):
    """Whether ``transform`` is asked for: where another step takes the output."""
    if not is_regressor(operator.raw_operator):
        return True
    (output,) = operator.outputs
    steps = operator.scope_inst.operators.values()
    return any(output in step.inputs for step in steps)


def _n_targets(model):
    """The number of a regressor's targets."""
    last = model.intercepts_[-1] if hasattr(model, "intercepts_") else model.intercept_
    return np.size(last)
