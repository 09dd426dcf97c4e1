"""The estimators as nodes: a feature map, a linear head, and what follows it."""

import numpy as np
from skl2onnx.common.utils_classifier import get_label_classes

from sklearn_depth._math._activations import OUTPUT_SIGMOIDS
from sklearn_depth.onnx._maps import (
    hermite_map,
    sigmoid_map,
    standardised,
)


def head(graph, features, model):
    """The linear head on features."""
    coef, intercept = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    return graph.linear(features, coef.T, intercept)


def fixed_hidden_regressor(graph, x, model):
    """The output neurons, mapped back to the range of the targets."""
    z = _pre_activation(graph, x, model)
    value = _OUTPUTS[model.output](graph, z)
    scaled = graph("Mul", value, model.target_scale_)
    return [graph("Add", scaled, model.target_offset_)]


def fixed_hidden_classifier(graph, x, model):
    """Label and probabilities; with many classes, shares of the outputs' sum."""
    z = _pre_activation(graph, x, model)
    p = _OUTPUTS[model.output](graph, z)
    if len(model.classes_) == 2:
        shares = graph("Concat", graph("Sub", 1.0, p), p, axis=1)
    else:
        shares = _shares(graph, p, model)
    half = float(OUTPUT_SIGMOIDS[model.output].inverse(np.array(0.5)))
    return [_label(graph, graph("Sub", z, half), model), shares]


def regressor_on(feature_map):
    """The head on features."""

    def build(graph, x, model):
        return [head(graph, feature_map(graph, x, model.features_), model)]

    return build


def classifier_on(feature_map):
    """Label and probabilities, from features."""

    def build(graph, x, model):
        features = feature_map(graph, x, model.features_)
        return _by_logits(graph, head(graph, features, model), model)

    return build


def hermite_regressor(graph, x, model):
    """The polynomial."""
    if hasattr(model, "dual_coef_"):
        raise NotImplementedError(
            "HermitePolynomialRegressor has no conversion where it keeps dual_coef_ "
            f"on training samples: its {model.features_.n_output_features_:,} products "
            "are not listed. Lower degree or max_interaction, or set "
            'truncation="hyperbolic".'
        )
    return regressor_on(hermite_map)(graph, x, model)


def relu_network_regressor(graph, x, model):
    """The network, mapped back to the range of the targets."""
    scale = model.shrinkage_ * model.target_scale_
    scaled = graph("Mul", _network(graph, x, model), scale)
    return [graph("Add", scaled, model.target_mean_)]


def relu_network_classifier(graph, x, model):
    """Label and probabilities."""
    return _by_logits(graph, _network(graph, x, model), model)


def _by_logits(graph, z, model):
    """Label and probabilities, from the logit of the second class or softmax's."""
    if len(model.classes_) == 2:
        rest = graph("Sigmoid", graph("Neg", z))
        shares = graph("Concat", rest, graph("Sigmoid", z), axis=1)
    else:
        shares = graph("Softmax", z, axis=1)
    return [_label(graph, z, model), shares]


def _pre_activation(graph, x, model):
    """What the output neurons of a fixed hidden layer see.

    In double where units are tied: such features are large and cancel, and would leave
    two or three digits of a float32.
    """
    tied = len(model.features_.block_starts_) > 0
    inner = graph.in_double() if tied else graph
    hidden = sigmoid_map(inner, inner.cast(x), model.features_)
    return graph.cast(head(inner, hidden, model))


def _network(graph, x, model):
    """The outputs of a dense network of ReLUs on scaled inputs."""
    if model._scales_:
        x = standardised(graph, x, model.mean_, model.scale_)
    for k, (coef, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        x = graph.linear(graph("Relu", x) if k else x, coef, bias)
    return x


def _shares(graph, p, model):
    """Outputs over their sum; equal where that is 0 up to rounding."""
    n_classes = len(model.classes_)
    total = graph("MatMul", p, np.ones((n_classes, 1)))
    rounding = np.sqrt(np.finfo(graph.dtype).eps) if model.output == "clip" else 0.0
    present = graph("Greater", total, rounding)
    return graph("Where", present, graph("Div", p, total), 1 / n_classes)


def _label(graph, decision, model):
    """The likeliest class."""
    classes = get_label_classes(graph.scope, model)
    if classes.dtype.kind == "f":
        classes = classes.astype(np.int64)
    if len(classes) == 2:
        second = graph.cast(graph("Greater", decision, 0.0), np.int64)
        chosen = graph("Reshape", second, [-1])
    else:
        chosen = graph("ArgMax", decision, axis=1, keepdims=0)
    return graph("Gather", classes, chosen, axis=0)


_OUTPUTS = {
    "clip": lambda graph, z: graph("Clip", z, 0.0, 1.0),
    "logistic": lambda graph, z: graph("Sigmoid", z),
}
