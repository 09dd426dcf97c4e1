"""Names of things: equal for equal ones in every process, else not."""

import os
import subprocess
import sys
from functools import partial, wraps

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse, stats
from sklearn.ensemble import RandomForestRegressor, VotingRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import get_scorer, make_scorer, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    RepeatedKFold,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from skorch import NeuralNetRegressor

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth.datasets import make_single_index
from sklearn_depth.studies._arguments import ErrorScorer
from sklearn_depth.studies._fingerprint import fingerprint


def plain(x, y=2):
    return x + y


def with_default(x, y=3):
    return x + y


def with_set(word):
    return word in {"some", "words", "in", "any", "order"}


def adding(number, /):
    def add(x):
        return x + number

    return add


def counting(function):
    @wraps(function)
    def counted(*args):
        return function(*args)

    return counted


def doubling(function):
    @wraps(function)
    def doubled(*args):
        return 2 * function(*args)

    return doubled


def recursive():
    def factorial(n):
        return n * factorial(n - 1) if n else 1

    return factorial


class Slope:
    """Data by a method, a call, and a class method."""

    def __init__(self, slope):
        self.slope = slope

    def sample(self, n):
        return n * self.slope

    __call__ = sample

    @classmethod
    def default(cls):
        return cls(1)


class OtherSlope(Slope):
    pass


class Record:
    def __init__(self, **held):
        vars(self).update(held)


class Loop:
    def __init__(self, number):
        self.number, self.itself = number, [self]


class Network(torch.nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
        torch.nn.init.constant_(self.layer.weight, weight)
        torch.nn.init.zeros_(self.layer.bias)

    @torch.no_grad()
    def forward(self, X):
        return self.layer(X)


def distinct():
    """Things that all differ, by name."""
    rng = np.random.default_rng(0)
    array = rng.standard_normal((3, 2))
    uniform, log_uniform = stats.uniform(1e-3, 1), stats.loguniform(1e-3, 1)
    return {
        "none": None,
        **{repr(value): value for value in (0, 1, 0.0, 1.0, -0.0, True, False, "1")},
        **{repr(value): value for value in ("None", "", 2**70, 1j, b"a", "a", ...)},
        **{str(value): value for value in ([1, 2], (1, 2), {1, 2}, {1: 2}, [2, 1])},
        "infinity": np.inf,
        "deep list": [[1], 2],
        "frozen": frozenset({1, 2}),
        "empty dict": {},
        "empty list": [],
        "nested": {"a": [1, {"b": 2}]},
        "string of a class": "sklearn.linear_model._ridge.Ridge",
        "class": Ridge,
        "function of C": len,
        "its name": "builtins.len",
        "ufunc": np.exp,
        "NumPy function": np.linalg.norm,
        "array": array,
        "transposed": array.T,
        "row": array[0],
        "float32": array.astype(np.float32),
        "list of it": array.tolist(),
        "objects": np.array([1, "a", None], dtype=object),
        "frame": pd.DataFrame({"a": [1.0, 2.0]}),
        "sparse": sparse.csr_array(array),
        "other sparse": sparse.csr_array(2 * array),
        "generator": np.random.default_rng(1),
        "other generator": np.random.default_rng(2),
        "random state": np.random.RandomState(1),
        "other random state": np.random.RandomState(2),
        "global random state": np.random.mtrand._rand,
        "method of a generator": np.random.default_rng(1).normal,
        "method of another": np.random.default_rng(2).normal,
        "other method": np.random.default_rng(1).uniform,
        "tensor": torch.ones(2),
        "other tensor": torch.ones(2, dtype=torch.bfloat16),
        "tensor of one row": torch.ones(1, 2),
        "with a gradient": torch.ones(2, requires_grad=True),
        "no numbers": torch.ones(()),
        "sparse tensor": torch.eye(2).to_sparse(),
        "network": Network(1.0),
        "other network": Network(2.0),
        "bare network": NeuralNetRegressor(Network),
        "network in it": NeuralNetRegressor(Network(1.0)),
        "other network in it": NeuralNetRegressor(Network(2.0)),
        "plain": plain,
        "default": with_default,
        "set": with_set,
        "closure": adding(1),
        "other closure": adding(1.0),
        "decorated": counting(plain),
        "other decorated": doubling(plain),
        "recursive": recursive(),
        "partial": partial(plain, 1),
        "other partial": partial(plain, 2),
        "keyword partial": partial(plain, x=1),
        "two keywords": partial(make_single_index, noise=1.0, snr=None),
        **dict(zip("abcde", (
            lambda: 1, lambda: 2, lambda x: x, lambda x: x.real, lambda x, y=1: x
        ), strict=True)),
        "method": Slope(1).sample,
        "method of another slope": Slope(2).sample,
        "method of another class": OtherSlope(1).sample,
        "class method": Slope.default,
        "other class method": OtherSlope.default,
        "object": Slope(1),
        "other object": Slope(2),
        "object of another class": OtherSlope(1),
        "object with a function": Record(f=lambda: 1),
        "object with another": Record(f=lambda: 2),
        "loop": Loop(1),
        "other loop": Loop(2),
        "ridge": Ridge(),
        "number": Ridge(alpha=1),
        "another": Ridge(alpha=2),
        "truth": Ridge(alpha=True),
        "linear": LinearRegression(),
        "forest": RandomForestRegressor(),
        "seeded forest": RandomForestRegressor(random_state=0),
        "Hermite": HermitePolynomialRegressor(),
        "Hermite 2": HermitePolynomialRegressor(2),
        "pipeline": make_pipeline(StandardScaler(), Ridge()),
        "other pipeline": make_pipeline(StandardScaler(with_mean=False), Ridge()),
        "function in it": make_pipeline(FunctionTransformer(lambda x: x), Ridge()),
        "another in it": make_pipeline(FunctionTransformer(lambda x: -x), Ridge()),
        "vote": VotingRegressor([("a", Ridge()), ("b", LinearRegression())]),
        "other vote": VotingRegressor([("b", Ridge()), ("a", LinearRegression())]),
        "search": GridSearchCV(Ridge(), {"alpha": [1, 2]}),
        "other search": GridSearchCV(Ridge(), {"alpha": [2, 1]}),
        "folds": GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=KFold(5)),
        "shuffled": GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=KFold(5, shuffle=True)),
        "drawn": RandomizedSearchCV(Ridge(), {"alpha": log_uniform}),
        "other drawn": RandomizedSearchCV(Ridge(), {"alpha": stats.loguniform(1, 2)}),
        "uniform": RandomizedSearchCV(Ridge(), {"alpha": uniform}),
        "5 folds": KFold(5),
        "4 folds": KFold(4),
        "seeded folds": KFold(5, shuffle=True, random_state=0),
        "repeated folds": RepeatedKFold(n_splits=5, n_repeats=2),
        "more repeated folds": RepeatedKFold(n_splits=5, n_repeats=3),
        "splits": ShuffleSplit(5),
        "scorer": get_scorer("r2"),
        "other scorer": get_scorer("neg_mean_squared_error"),
        "own scorer": make_scorer(lambda y, p: 0.0),
        "other own scorer": make_scorer(lambda y, p: 1.0),
        "lower": make_scorer(r2_score, greater_is_better=False),
        "error": ErrorScorer("normalized_mse"),
        "kernel": RBF(1.0) + WhiteKernel(),
        "other kernel": RBF(2.0) + WhiteKernel(),
    }  # fmt: skip


def names():
    """A line for each."""
    return [f"{fingerprint(value)} {name}" for name, value in distinct().items()]


def test_what_differs_has_another_name():
    found = [line.partition(" ") for line in names()]
    first = {name: place for place, (name, _, _) in reversed([*enumerate(found)])}
    same = {what: found[first[name]][2] for name, _, what in found}
    assert {what: other for what, other in same.items() if what != other} == {}


def test_equal_things_have_equal_names_in_one_process():
    assert names() == names()


def test_names_are_the_same_in_every_process():
    """Whatever the order of its sets."""
    module = "test_studies_fingerprint"
    paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    found = subprocess.run(
        [sys.executable, "-c", f"import {module}; print('\\n'.join({module}.names()))"],
        env=os.environ | {"PYTHONHASHSEED": "77", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines() == names()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (partial(plain, x=1, y=2), partial(plain, y=2, x=1)),
        (Ridge(alpha=1.0, tol=1e-3), Ridge().set_params(tol=1e-3, alpha=1.0)),
        (set("abcdefgh"), set("hgfedcba")),
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        ([Ridge()] * 2, [Ridge(), Ridge()]),
        (["ab"] * 2, ["ab", "".join("ab")]),
        (np.asfortranarray(np.eye(3) + np.arange(3)), np.eye(3) + np.arange(3)),
        (np.arange(10)[::2], np.array([0, 2, 4, 6, 8])),
        (Ridge().fit([[1.0], [2.0]], [1.0, 2.0]), Ridge()),
        (adding(1), adding(1)),
        (Slope(1).sample, Slope(1).sample),
        (Record(a=1, b=2), Record(b=2, a=1)),
        (get_scorer("r2"), get_scorer("r2")),
    ],
)
def test_equal_things_built_in_other_ways_have_equal_names(first, second):
    assert fingerprint(first) == fingerprint(second)


def test_numpys_global_numbers_do_not_tell_things_apart():
    """The distributions of SciPy hold them."""
    drawn = stats.loguniform(1, 2)
    before = fingerprint(drawn)
    drawn.rvs(3)
    assert fingerprint(drawn) == before


def test_functions_without_a_file_go_by_their_code():
    def compiled(text):
        return eval(f"lambda x: {text}")

    def defined(text):
        scope = {}
        exec(f"def f(x):\n    return {text}", scope)
        return scope["f"]

    for make in (compiled, defined):
        assert fingerprint(make("x + 1")) == fingerprint(make("x  +  1"))
        found = {
            fingerprint(make(t)) for t in ("x + 1", "x + 2", "x - 1", "x.a", "x.b")
        }
        assert len(found) == 5


def test_what_cannot_be_named_is_told():
    with pytest.raises(TypeError, match="cannot pickle 'generator' object"):
        fingerprint(number for number in range(3))
