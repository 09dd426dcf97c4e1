"""Nodes of an ONNX graph, written as calls."""

import numpy as np
from onnx.helper import np_dtype_to_tensor_dtype
from skl2onnx.common.data_types import DoubleTensorType


class Graph:
    """What adds nodes to the graph of a model under conversion.

    ``graph("MatMul", x, weights)`` adds a node and returns the name of its output.
    Inputs are names, or arrays and numbers that become constants: floats in ``dtype``,
    integers and booleans in int64, strings as they are.
    """

    def __init__(self, scope, container, dtype):
        self.scope = scope
        self.container = container
        self.dtype = dtype
        integers = dict.fromkeys("biu", np.int64)
        self._types = {"f": dtype, **integers, "U": object, "O": object}

    def __call__(self, operation, *inputs, **attributes):
        output = self.scope.get_unique_variable_name(operation.lower())
        self._add(operation, inputs, output, attributes)
        return output

    def name(self, made, output):
        """Let a value have the name of an output of the model."""
        self._add("Identity", [made], output, {})

    def cast(self, x, dtype=None):
        """Convert x to a type, by default the graph's."""
        to = np_dtype_to_tensor_dtype(np.dtype(dtype or self.dtype))
        return self("Cast", x, to=to)

    def in_double(self):
        """The same graph with constants in float64."""
        return Graph(self.scope, self.container, np.float64)

    def linear(self, x, coef, intercept):
        """``x coef + intercept``."""
        return self("Add", self("MatMul", x, coef), intercept)

    def _add(self, operation, inputs, output, attributes):
        names = [x if isinstance(x, str) else self._constant(x) for x in inputs]
        self.container.add_node(operation, names, output, **attributes)

    def _constant(self, value):
        value = np.asarray(value)
        value = value.astype(self._types[value.dtype.kind], copy=False)
        name = self.scope.get_unique_variable_name("constant")
        kind = np_dtype_to_tensor_dtype(value.dtype)
        self.container.add_initializer(name, kind, value.shape, value.ravel())
        return name


def float_type(operator):
    """The float type that a model is converted for."""
    double = isinstance(operator.inputs[0].type, DoubleTensorType)
    return np.float64 if double else np.float32
