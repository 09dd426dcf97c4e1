"""Names of cells change with the code of classes, and with nothing beside it."""

import linecache
import sys
from functools import partial
from importlib import import_module

import numpy as np
import pytest
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_depth import HermitePolynomialRegressor
from sklearn_depth.studies import sample_complexity_curve
from sklearn_depth.studies._classes import own_classes
from sklearn_depth.studies._fingerprint import fingerprint

SOURCE = """
from dataclasses import dataclass
from enum import Enum
from functools import cache, wraps
from threading import Lock

import torch
from sklearn.base import BaseEstimator, RegressorMixin

def guard(lock):
    def decorate(function):
        @wraps(function)
        def guarded(*args):
            with lock:
                return function(*args)
        return guarded
    return decorate

def times(factor):
    class Times:
        def __call__(self, y, p):
            return factor * len(y)
    return Times

class Base(RegressorMixin, BaseEstimator):
    def predict(self, X):
        return X[:, 0] + 1  # inherited

class Theirs(Base):
    shift = 1.0

    def __init__(self, part=None):
        self.part = part

    def fit(self, X, y):
        '''Learn nothing.'''
        try:
            self.fitted_ = True
        finally:
            return self

    @property
    def doubled(self):
        return 2 * self.shift

    @classmethod
    def make(cls):
        return cls(part=3)

class Plain(Theirs):
    '''Adds nothing.'''

class Other:
    def what(self):
        return 5

@dataclass
class Data:
    size: int = 6

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Identity()

    def forward(self, X):
        return self.layer(X) * 7

scorer = times(8)()

@cache
def cached(y, p):
    return 9

class Locked:
    lock = Lock()

class Guarded:
    lock = Lock()

    @guard(Lock())
    def what(self):
        return 10

class Colour(Enum):
    RED = 11
"""
EDITS = {
    "inherited method": ("+ 1  #", "+ 2  #"),
    "attribute": ("shift = 1.0", "shift = 1.5"),
    "default": ("part=None", "part=1"),
    "method": ("self.fitted_ = True", "self.fitted_ = False"),
    "what is tried": ("        finally:\n", "        except ValueError:\n"),
    "property": ("2 * self", "3 * self"),
    "decorator": ("@property\n", "@staticmethod\n"),
    "class method": ("part=3", "part=4"),
    "base": ("class Base(RegressorMixin, ", "class Base("),
}
CHANGES_NOTHING = [
    ("from dataclasses", "# a remark\n\nfrom dataclasses"),
    ("# inherited", "# from a base"),
    ("    shift = 1.0\n", "    shift = 1.0  # a remark\n\n\n"),
    ("return 5", "return 6"),
]


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """A function that makes their module of a source."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(old="", new=""):
        assert old in SOURCE
        (tmp_path / "their_classes.py").write_text(SOURCE.replace(old, new, 1))
        for path in tmp_path.glob("__pycache__/*"):
            path.unlink()
        sys.modules.pop("their_classes", None)
        sys.path_importer_cache.clear()
        return import_module("their_classes")

    yield write
    sys.modules.pop("their_classes", None)


# What holds the class Plain, somewhere.
HOLDERS = {
    "estimator": lambda module: module.Plain(),
    "class": lambda module: module.Plain,
    "pipeline": lambda module: make_pipeline(StandardScaler(), module.Plain()),
    "search": lambda module: GridSearchCV(
        Ridge(), {"a": [Ridge(), {"deep": (module.Plain(),)}]}
    ),
    "part": lambda module: BaggingRegressor(module.Plain()),
    "class in a part": lambda module: BaggingRegressor(partial(module.Plain, 1)),
    "method": lambda module: module.Plain().fit,
    "class method": lambda module: module.Plain.make,
    "array": lambda module: np.array([module.Plain(), None], dtype=object),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_an_edited_class_has_another_name(holder, theirs):
    hold = HOLDERS[holder]
    names = {"as it is": fingerprint(hold(theirs()))}
    names |= {what: fingerprint(hold(theirs(*edit))) for what, edit in EDITS.items()}
    assert len(set(names.values())) == len(names), names
    for edit in CHANGES_NOTHING:
        assert fingerprint(hold(theirs(*edit))) == names["as it is"], edit


@pytest.mark.parametrize(
    ("hold", "old", "new"),
    [
        (lambda module: module.Other(), "return 5", "return 50"),
        (lambda module: Ridge(module.Other()), "return 5", "return 50"),
        (lambda module: module.Data(1), "size: int = 6", "size: int = 60"),
        (lambda module: module.Net, "* 7", "* 70"),
        (lambda module: module.Net(), "* 7", "* 70"),
        (lambda module: Ridge(module.Net()), "Identity()", "ReLU()"),
        (lambda module: module.scorer, "times(8)", "times(80)"),
        (lambda module: module.scorer, "factor *", "factor +"),
        (lambda module: module.cached, "return 9", "return 90"),
        (lambda module: module.Guarded(), "return 10", "return 100"),
        (lambda module: module.Guarded(), "with lock", "with lock or lock"),
        (lambda module: module.Locked, "lock = Lock()", "key = Lock()"),
        (lambda module: module.Colour.RED, "RED = 11", "RED = 110"),
    ],
)
def test_any_object_goes_by_the_code_of_its_class(hold, old, new, theirs):
    before = fingerprint(hold(theirs()))
    assert fingerprint(hold(theirs(old, new))) != before
    assert fingerprint(hold(theirs())) == before


def test_code_that_runs_counts_not_the_file_that_was_edited_since(theirs, tmp_path):
    """In a notebook that has not loaded the module again."""
    module = theirs()
    before = fingerprint(module.Plain())
    edited = SOURCE.replace("+ 1  #", "+ 2  #")
    (tmp_path / "their_classes.py").write_text(edited)
    assert fingerprint(module.Plain()) == before
    assert fingerprint(theirs("+ 1  #", "+ 2  #").Plain()) != before


CELL = """
class Theirs:
    shift = {shift}

    def predict(self, X):
        return X + {number}

class Empty(Theirs):
    scale = {scale}
"""


def test_classes_of_a_notebook_go_by_their_code_too(monkeypatch):
    """It has no file, and its module is that of the process."""
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    names = set()
    for place, changes in enumerate([{}, {"shift": 5}, {"number": 5}, {"scale": 5}]):
        text = CELL.format(**{"shift": 1, "number": 2, "scale": 3} | changes)
        file = f"<cell {place}>"
        monkeypatch.setitem(
            linecache.cache, file, (len(text), None, text.splitlines(True), file)
        )
        scope = {"__name__": "__main__"}
        exec(compile(text, file, "exec"), scope)
        names.add(fingerprint(scope["Empty"]()))
    assert len(names) == 4


def test_counters_of_a_class_are_not_part_of_its_name(tmp_path):
    class Counted(Ridge):
        n_fits = 0

        def fit(self, X, y):
            Counted.n_fits += 1
            return super().fit(X, y)

    def make(n_samples, n_features, random_state):
        X = np.random.default_rng(random_state).normal(size=(n_samples, n_features))
        return X, X[:, 0]

    for _ in range(2):
        sample_complexity_curve(
            Counted(),
            make,
            train_sizes=[10],
            n_features=2,
            random_state=0,
            memory=tmp_path,
        )
        assert Counted.n_fits == 5


def test_classes_of_installed_packages_go_by_name():
    assert own_classes(Ridge) == own_classes(dict) == own_classes(partial) == []
    assert own_classes(HermitePolynomialRegressor)[0] is HermitePolynomialRegressor


def test_stale_cells_of_an_edited_estimator_are_not_taken(theirs, tmp_path):
    def study(module):
        return sample_complexity_curve(
            module.Plain(),
            lambda n_samples, **_: (np.ones((n_samples, 1)), np.ones(n_samples)),
            train_sizes=[10],
            scoring="neg_mean_squared_error",
            n_repeats=1,
            random_state=0,
            memory=tmp_path / "cells",
        ).columns["neg_mean_squared_error"][0]

    assert study(theirs()) == -1
    assert study(theirs("+ 1  #", "+ 2  #")) == -4
    assert study(theirs()) == -1
