"""Fitted models as ONNX graphs, for prediction without Python."""

from sklearn_depth.utils._optional import check_installed

__all__ = ["register_converters"]


def register_converters():
    """Teach skl2onnx to convert the models whose formula ONNX has the operators for.

    Once called, ``skl2onnx.to_onnx`` takes, alone or in a Pipeline:

    - :class:`~sklearn_depth.FixedHiddenSigmoidRegressor` and
      :class:`~sklearn_depth.FixedHiddenSigmoidClassifier`;
    - :class:`~sklearn_depth.HermitePolynomialRegressor` and
      :class:`~sklearn_depth.HermitePolynomialClassifier`;
    - :class:`~sklearn_depth.TwoLayerGDRegressor` and
      :class:`~sklearn_depth.TwoLayerGDClassifier`;
    - :class:`~sklearn_depth.ThreeLayerFeatureRegressor` and
      :class:`~sklearn_depth.ThreeLayerFeatureClassifier`;
    - :class:`~sklearn_depth.ReLUNetworkRegressor` and
      :class:`~sklearn_depth.ReLUNetworkClassifier`;
    - :class:`~sklearn_depth.features.SigmoidFeatures`,
      :class:`~sklearn_depth.features.HermiteFeatures` and
      :class:`~sklearn_depth.features.LearnedReLUFeatures`.

    See Also
    --------
    skl2onnx.to_onnx : Convert a fitted model or pipeline.

    Notes
    -----
    The input is one float or double tensor with all features; outputs have its type. A
    regressor's output has shape (n_samples, n_targets), also for a single target, as
    those of scikit-learn's own have. Labels are integers or strings; whole numbers in
    floats become integers. Probabilities come as skl2onnx's options say:
    ``zipmap=False`` for one array, which onnxruntime needs in double. Inside a float
    graph, scaling and tied sigmoids are computed in double, since floats would lose
    digits there.

    :class:`~sklearn_depth.TwoLayerGDRegressor` and
    :class:`~sklearn_depth.ThreeLayerFeatureRegressor` become their ``transform`` where
    another step of a Pipeline follows, else their ``predict``. A polynomial that was
    fitted through its kernel, without a list of its products, has no conversion.

    Examples
    --------
    >>> import numpy as np
    >>> from onnxruntime import InferenceSession
    >>> from skl2onnx import to_onnx
    >>> from sklearn_depth import HermitePolynomialRegressor
    >>> from sklearn_depth.onnx import register_converters
    >>> X = np.random.default_rng(0).standard_normal((100, 3))
    >>> model = HermitePolynomialRegressor(degree=2).fit(X, X[:, 0] * X[:, 1])
    >>> register_converters()
    >>> session = InferenceSession(to_onnx(model, X[:1]).SerializeToString())
    >>> (predicted,) = session.run(None, {"X": X})
    >>> print(f"{abs(predicted[:, 0] - model.predict(X)).max():.10f}")
    0.0000000000
    """
    check_installed("skl2onnx", "register_converters")
    from skl2onnx import update_registered_converter

    from sklearn_depth.onnx._converters import converters

    for model_class, shape, convert, options in converters():
        alias = f"SklearnDepth{model_class.__name__}"
        update_registered_converter(model_class, alias, shape, convert, options=options)
