"""What was run, in words for the configuration of a result."""

from functools import partial
from math import inf

from sklearn.base import BaseEstimator

from sklearn_depth.studies._fingerprint import path_of


def one_line(estimator):
    """An estimator with its parameters, for a reader."""
    whole = {"N_CHAR_MAX": inf} if isinstance(estimator, BaseEstimator) else {}
    return " ".join(estimator.__repr__(**whole).split())


def shown(function):
    """A function with the arguments that are bound, for a reader."""
    if not isinstance(function, partial):
        return path_of(function)
    bound = [f"{name}={value!r}" for name, value in function.keywords.items()]
    bound = [*map(repr, function.args), *bound]
    return f"{shown(function.func)}({', '.join(bound)})"
