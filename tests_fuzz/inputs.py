"""Random small data for the fuzzer, and the estimators that it goes to."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    StreamingRidge,
    ThreeLayerFeatureClassifier,
    ThreeLayerFeatureRegressor,
    TwoLayerGDRegressor,
)
from sklearn_depth.directions import (
    DirectionalRegression,
    GradientOuterProduct,
    PrincipalHessianDirections,
    SlicedAverageVariance,
    SlicedInverseRegression,
)
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
    SigmoidFeatures,
)

# By a name for the report; None of them takes more than some hundredths of a second.
REGRESSORS = {
    "hermite": HermitePolynomialRegressor(2),
    "hermite, loo": HermitePolynomialRegressor(3, alpha="loo", scaling=None),
    "kernel": KernelRidge(0.1, kernel="rbf"),
    "kernel, loo": KernelRidge("loo", kernel="ntk", fit_intercept=True),
    "kernel, gcv": KernelRidge("gcv", kernel="rbf", fit_intercept=True),
    "kernels, evidence": KernelRidge(
        "evidence", kernel=["rbf", "ntk"], fit_intercept=True
    ),
    "landmarks, evidence": KernelRidge(
        "evidence", kernel="rbf", n_components=5, random_state=0
    ),
    "landmarks": KernelRidge("loo", kernel="rbf", n_components=5, random_state=0),
    "radial": RadialTwoLayerRegressor(n_knots=10),
    "radial, drawn": RadialTwoLayerRegressor(10, n_knots=5, random_state=0),
    "streaming": StreamingRidge(),
    "three": ThreeLayerFeatureRegressor(12, random_state=0),
    "two": TwoLayerGDRegressor(16, random_state=0),
    "two, the paper's": TwoLayerGDRegressor(
        *(16,),
        n_feature_steps=1,
        label_transform=None,
        whiten=None,
        linear_part="moment",
        random_state=0,
    ),
    "sigmoid": FixedHiddenSigmoidRegressor(12, max_iter=30, random_state=0),
    "relu": ReLUNetworkRegressor((6,), max_epochs=3, random_state=0),
}
CLASSIFIERS = {
    "sigmoid classifier": FixedHiddenSigmoidClassifier(12, max_iter=30, random_state=0),
    "three classifier": ThreeLayerFeatureClassifier(12, random_state=0),
    "relu classifier": ReLUNetworkClassifier((6,), max_epochs=3, random_state=0),
}
MAPS = {
    "inverse regression": SlicedInverseRegression(),
    "average variance": SlicedAverageVariance(n_slices=3),
    "directional regression": DirectionalRegression(),
    "hessians": PrincipalHessianDirections(),
    "gradients": GradientOuterProduct(n_iter=2),
    "hermite map": HermiteFeatures(2),
    "learned map": LearnedReLUFeatures(16, random_state=0),
    "radial map": RadialFeatures(n_knots=10),
    "sigmoid map": SigmoidFeatures(12, random_state=0),
}
ESTIMATORS = REGRESSORS | CLASSIFIERS | MAPS
# What the columns and the targets are made of.
KINDS = "gauss", "constant", "category", "copies", "rounding", "heavy", "line"
# How many inputs of each class there were.
SEEN: Counter[str] = Counter()


@dataclass(frozen=True)
class Input:
    """One random data set and what it is made of."""

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None
    classes: tuple[str, ...]


@st.composite
def inputs(draw, labels=False):
    """Small data of any kind, unit, float type and weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_samples, n_features = draw(st.integers(1, 30)), draw(st.integers(1, 5))
    single = draw(st.booleans())
    kind, kind_y = draw(st.sampled_from(KINDS)), draw(st.sampled_from(KINDS))
    most = 30 if single else 90
    unit = st.sampled_from([0, 0, 0, -3, 6]) | st.integers(-most, most)
    X = _columns(rng, kind, n_samples, n_features) * 10.0 ** draw(unit)
    if labels:
        names = np.array(["a", "b", "c"])[: draw(st.integers(2, 3))]
        y = rng.choice(names, n_samples)
    else:
        n_targets = draw(st.sampled_from([1, 1, 1, 3]))
        y = _columns(rng, kind_y, n_samples, n_targets) * 10.0 ** draw(unit)
        y = y[:, 0] if n_targets == 1 else y
        y = y.astype(np.float32 if single else float)
    weights = draw(st.sampled_from(["none", "uneven", "zeros"]))
    weight = None
    if weights != "none":
        weight = rng.uniform(0.1, 3, n_samples) * 10.0 ** draw(st.integers(-90, 90))
        if weights == "zeros":
            weight *= rng.random(n_samples) < 0.7
    X = X.astype(np.float32 if single else float)
    classes = (
        f"X: {kind}",
        "labels" if labels else f"y: {kind_y}",
        f"weights: {weights}",
        "float32" if single else "float64",
        "few rows" if n_samples < 5 else "rows",
    )
    return Input(X, y, weight, classes)


def _columns(rng, kind, n_samples, n_columns):
    shape = n_samples, n_columns
    if kind == "constant":
        return np.broadcast_to(rng.standard_normal(n_columns), shape).copy()
    if kind == "category":
        return rng.integers(0, 3, shape).astype(float)
    if kind == "copies":
        few = rng.standard_normal((max(n_samples // 3, 1), n_columns))
        return few[rng.integers(len(few), size=n_samples)]
    if kind == "rounding":
        return 1 + 1e-16 * rng.integers(-3, 4, shape)
    if kind == "heavy":
        return rng.standard_cauchy(shape)
    if kind == "line":
        return np.outer(np.arange(n_samples), rng.standard_normal(n_columns)) + 100
    return rng.standard_normal(shape)
