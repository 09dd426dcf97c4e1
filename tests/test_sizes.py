"""Sizes that do not fit are refused, with the number, before they are allocated."""

import resource
import time
import tracemalloc

import numpy as np
import pytest

from sklearn_depth import (
    FixedHiddenSigmoidClassifier,
    FixedHiddenSigmoidRegressor,
    HermitePolynomialClassifier,
    HermitePolynomialRegressor,
    KernelRidge,
    RadialTwoLayerClassifier,
    RadialTwoLayerRegressor,
    ReLUNetworkClassifier,
    ReLUNetworkRegressor,
    ThreeLayerFeatureClassifier,
    ThreeLayerFeatureRegressor,
    TwoLayerGDClassifier,
    TwoLayerGDRegressor,
    datasets,
)
from sklearn_depth.constructions import approximate_radial
from sklearn_depth.features import (
    HermiteFeatures,
    LearnedReLUFeatures,
    RadialFeatures,
    SigmoidFeatures,
)
from sklearn_depth.utils import _memory

HUGE = 10**12
rng = np.random.default_rng(0)
X = rng.standard_normal((60, 5))
y = (X[:, 0] > 0).astype(float)
GENERATORS = [
    getattr(datasets, name)
    for name in datasets.__all__
    if name.startswith(("make_", "sample_"))
]
MODELS = [
    SigmoidFeatures(HUGE),
    SigmoidFeatures(HUGE, design="iid"),
    RadialFeatures(n_knots=HUGE),
    RadialFeatures(HUGE),
    LearnedReLUFeatures(HUGE),
    LearnedReLUFeatures(HUGE, n_feature_steps=0),
    HermiteFeatures(60),
    FixedHiddenSigmoidRegressor(HUGE),
    FixedHiddenSigmoidClassifier(HUGE),
    TwoLayerGDClassifier(HUGE),
    TwoLayerGDRegressor(HUGE),
    TwoLayerGDRegressor(HUGE, n_feature_steps=1, linear_part="moment"),
    ThreeLayerFeatureClassifier(HUGE),
    ThreeLayerFeatureRegressor(HUGE),
    RadialTwoLayerClassifier(HUGE),
    RadialTwoLayerRegressor(n_knots=HUGE),
    RadialTwoLayerRegressor(n_knots=10**8),
    RadialTwoLayerRegressor(HUGE),
    ReLUNetworkRegressor((HUGE,)),
    ReLUNetworkRegressor((10**7, 10**7)),
    ReLUNetworkClassifier((10, HUGE, 3)),
    HermitePolynomialClassifier(60),
    HermitePolynomialRegressor(60, solver="primal"),
]


def assert_refused(call, *, way_out=""):
    """In no time, and without memory to speak of."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        with pytest.raises(MemoryError, match=rf"\d,\d{{3}} .*GiB.*{way_out}"):
            call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    taken = time.perf_counter() - start
    assert peak < 20e6
    assert taken < 2


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_layers(model, monkeypatch):
    monkeypatch.setattr(_memory, "memory_limit", lambda: 2**30)
    assert_refused(lambda: model.fit(X, y), way_out="(Lower|Take fewer|Set n_hidden)")


def test_kernels_of_many_rows(monkeypatch):
    monkeypatch.setattr(_memory, "memory_limit", lambda: 2**20)
    many = rng.standard_normal((1000, 2))
    assert_refused(
        lambda: KernelRidge().fit(many, many[:, 0]), way_out="Set n_components"
    )


@pytest.mark.parametrize("make", GENERATORS, ids=lambda made: made.__name__)
@pytest.mark.parametrize("size", [(HUGE, 10), (10, HUGE), (10**7, 10**7)])
def test_generators(make, size):
    assert_refused(lambda: make(*size, random_state=0), way_out="Lower them")


def test_what_is_planted_counts():
    for call in (
        lambda: datasets.make_quadratic_feature(10, 10**7),
        lambda: datasets.make_random_network(10, 10, width=10**7, depth=3),
        lambda: datasets.make_multi_index(10, 10**7, n_directions=10**6),
    ):
        assert_refused(call, way_out="Lower them")


def test_fresh_samples_of_a_truth():
    truth = datasets.make_radial(10, 3, return_truth=True)[2]
    assert_refused(lambda: truth.sample(HUGE), way_out="Lower them")


def test_constructions():
    assert_refused(
        lambda: approximate_radial(np.cos, 20, width=HUGE), way_out="smaller width"
    )


def test_few_rows_of_many_columns_are_told_of_units(monkeypatch):
    monkeypatch.setattr(_memory, "memory_limit", lambda: 2**33)
    wide = rng.standard_normal((30, 2000))
    with pytest.raises(MemoryError, match=r"Set n_hidden, to a thousand say\.$"):
        ThreeLayerFeatureRegressor().fit(wide, wide[:, 0])


def test_the_least_limit_counts(monkeypatch, tmp_path):
    root, groups = tmp_path / "cgroup", tmp_path / "self"
    for folder, name, text in (
        ("a/b", "memory.max", "max"),
        ("a", "memory.max", "3000"),
        ("memory/c", "memory.limit_in_bytes", "5000"),
        ("memory", "memory.limit_in_bytes", "9223372036854771712"),
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / name).write_text(text + "\n")
    monkeypatch.setattr(_memory, "_CGROUPS", root)
    monkeypatch.setattr(_memory, "_CGROUPS_OF_SELF", groups)
    monkeypatch.setattr(
        resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2
    )
    machine = _memory.memory_limit()
    assert machine > 10_000
    for text, limit in (
        ("0::/a/b\n", 3000),
        ("4:memory:/c\n1:cpu:/d\n", 5000),
        ("4:cpu,memory:/elsewhere\n", machine),
        ("4:memory:/c\n0::/a\n", 3000),
        ("0::/\n", machine),
    ):
        groups.write_text(text)
        assert _memory.memory_limit() == limit
    monkeypatch.setattr(
        resource,
        "getrlimit",
        lambda kind: (2000 if kind == resource.RLIMIT_AS else 4000, 8000),
    )
    assert _memory.memory_limit() == 2000
