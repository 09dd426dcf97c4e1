"""What was run, in words for a reader."""

from functools import partial
from math import inf

from sklearn.base import BaseEstimator

from sklearn_depth.studies._fingerprint import path_of


def one_line(estimator):
    """An estimator with its parameters, for a reader."""
    shortens = type(estimator).__repr__ is BaseEstimator.__repr__
    whole = estimator.__repr__(N_CHAR_MAX=inf) if shortens else repr(estimator)
    return " ".join(whole.split())


def shown(function):
    """A function with the arguments that are bound, for a reader."""
    if not isinstance(function, partial):
        return path_of(function)
    bound = [f"{name}={value!r}" for name, value in function.keywords.items()]
    bound = [*map(repr, function.args), *bound]
    return f"{shown(function.func)}({', '.join(bound)})"
