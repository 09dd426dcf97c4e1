"""What was run: names that are the same in every process, and words for a reader."""

import copyreg
import hashlib
import inspect
import json
from functools import partial
from math import inf
from types import CodeType, FunctionType, MethodType

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state


def fingerprint(value):
    """Hash of what a value is: an estimator's parameters, a function's source."""
    return digest(json.dumps(describe(value)).encode())


def digest(content):
    return hashlib.sha256(content).hexdigest()


def describe(value, within=()):
    """A value as lists, dicts, strings and numbers."""
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if any(value is outer for outer in within):
        return {"itself": []}
    kind, parts = parts_of(value)
    described = [describe(part, (*within, value)) for part in parts]
    if isinstance(value, (dict, set, frozenset)):
        described.sort(key=json.dumps)
    return {kind: described}


def parts_of(value):
    """What kind of thing a value is, and what tells it from others of its kind."""
    kind = path_of(type(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        return kind, value
    if isinstance(value, dict):
        return kind, value.items()
    if isinstance(value, np.ndarray):
        same = value.tolist() if value.dtype.hasobject else digest(value.tobytes())
        return kind, [str(value.dtype), value.shape, same]
    if isinstance(value, partial):
        return kind, [value.func, value.args, value.keywords]
    if isinstance(value, MethodType):
        return kind, [value.__func__, value.__self__]
    if isinstance(value, FunctionType):
        return path_of(value), parts_of_function(value)
    if isinstance(value, CodeType):
        return kind, parts_of_code(value)
    if isinstance(value, type) or inspect.isroutine(value):
        owner = getattr(value, "__self__", None)
        return "name", [path_of(value), None if inspect.ismodule(owner) else owner]
    if hasattr(value, "get_params"):
        return kind, [value.get_params(deep=False)]
    if value is check_random_state(None):
        return kind, []  # NumPy's global one, whose state is another in each process
    return kind, parts_of_object(value)


def parts_of_function(function):
    """Source, defaults and what the closure holds."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    kept = function.__defaults__, function.__kwdefaults__, cells
    return [source_of(function), *kept]


def source_of(function):
    """The source, or where there is no file, or more on its lines, the code."""
    if function.__name__ == "<lambda>":
        return function.__code__
    try:
        return inspect.getsource(function.__code__)  # not of what a decorator wraps
    except OSError:
        return function.__code__


def parts_of_code(code):
    names = code.co_names, code.co_varnames, code.co_freevars
    return [code.co_code.hex(), *names, code.co_consts]


def parts_of_object(value):
    """What pickle would write, functions by source, or a hash."""
    if has_own_pickle(type(value)) or not hasattr(value, "__dict__"):
        return [joblib.hash(value)]
    _, arguments, state, *_ = value.__reduce_ex__(4)
    return [arguments, state]


def has_own_pickle(cls):
    inherits = cls.__reduce__ is object.__reduce__
    inherits &= cls.__reduce_ex__ is object.__reduce_ex__
    return cls in copyreg.dispatch_table or not inherits


def path_of(value):
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', type(value).__qualname__)}"


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
